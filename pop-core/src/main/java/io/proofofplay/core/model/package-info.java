/**
 * The domain: what was played, in which runs it travels, and by which policies it is kept and sent.
 *
 * <p>Place in the hexagon: its centre. It depends on nothing but the JSON scan and the notation of
 * settings.
 */
package io.proofofplay.core.model;
