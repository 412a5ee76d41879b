/** A package that the rule on the HTTP client takes for the client's own. */
package org.apache.hc.standin;
