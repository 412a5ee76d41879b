/** Tests of the configuration: what it takes, what it refuses, and the words in which it does. */
package io.proofofplay.runner.config;
