/**
 * A reference backend: takes batches as the contract describes them, keeps each event once, and can
 * be told to misbehave.
 *
 * <p>Place in the hexagon: outside of it, on the side where events go. It stands where a real
 * backend stands and sees neither the engine nor an adapter; of the domain it uses the event alone.
 */
package io.proofofplay.runner.backend;
