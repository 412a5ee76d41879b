/** Tests of the daemon. */
package io.proofofplay.runner.daemon;
