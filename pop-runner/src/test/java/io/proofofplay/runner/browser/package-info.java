/** A real browser for tests of what a person sees. */
package io.proofofplay.runner.browser;
