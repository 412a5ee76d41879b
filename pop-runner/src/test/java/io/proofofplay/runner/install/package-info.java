/**
 * What a stranger installs: the archive, the Debian package, the unit file, the image. Each is
 * taken as the build has made it, and used as it is meant to be used.
 */
package io.proofofplay.runner.install;
