/** Tests of the plugins. */
package io.proofofplay.runner.plugin;
