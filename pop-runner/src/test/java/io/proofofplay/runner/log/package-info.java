/** Tests of the log. */
package io.proofofplay.runner.log;
