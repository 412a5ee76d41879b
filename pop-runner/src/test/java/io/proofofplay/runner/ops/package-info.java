/** Tests of the status endpoint. */
package io.proofofplay.runner.ops;
