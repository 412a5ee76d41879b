/** Tests of the commands that look inside. */
package io.proofofplay.runner.inside;
