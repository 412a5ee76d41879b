/** The table behind a build. */
package io.proofofplay.runner.tally;
