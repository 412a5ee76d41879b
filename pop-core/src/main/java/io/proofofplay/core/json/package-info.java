/**
 * JSON as the relay needs it: a strict scan of one line, a plain reading of one object, and the
 * writing of one line.
 *
 * <p>Place in the hexagon: a leaf under the domain. It is the only package that sees Jackson's
 * streaming parser, and it depends on nothing else of ours.
 */
package io.proofofplay.core.json;
