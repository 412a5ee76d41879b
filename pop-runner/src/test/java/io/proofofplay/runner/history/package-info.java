/** Tests of what is remembered. */
package io.proofofplay.runner.history;
