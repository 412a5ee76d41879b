/** Tests of what the documents say. */
package io.proofofplay.runner.docs;
