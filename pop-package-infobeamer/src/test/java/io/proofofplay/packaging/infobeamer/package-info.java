/** The package for info-beamer and the Lua module for players, as they are shipped. */
package io.proofofplay.packaging.infobeamer;
