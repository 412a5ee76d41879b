#!/bin/sh
# Gathers what an image needs beside the program itself, so that it needs no base image: a Java
# runtime of the modules that the program uses, the C library's parts that the runtime links to or
# loads by name, and the names of the users. No shell, no package manager.
#
#   root.sh JDK FOLDER      JDK has bin/jlink; FOLDER is made anew
#
# With a base image that brings a Java runtime: root.sh - FOLDER

set -eu

jdk=$1
root=$2
user=10001

# What jdeps names for the program and its libraries, without java.compiler and java.desktop, which
# parts of the libraries name that are not used here; and elliptic curves, which TLS loads by name.
modules=java.base,java.logging,java.naming,java.security.jgss,jdk.crypto.ec,jdk.httpserver,jdk.net,jdk.unsupported

rm -rf "$root"
mkdir -p "$root/etc/pop" "$root/var/lib/pop"
if [ "$jdk" = - ]; then
  exit 0
fi

runtime=/usr/lib/jvm/pop
mkdir -p "$root${runtime%/*}" "$root/tmp"
"$jdk/bin/jlink" --module-path "$jdk/jmods" --add-modules "$modules" --output "$root$runtime" \
  --strip-debug --no-header-files --no-man-pages --compress=2
# Without it each start would load every class of the JDK from scratch.
"$root$runtime/bin/java" -Xshare:dump >/dev/null 2>&1
chmod -R u+w,a+rX "$root$runtime"

# The libraries by the paths under which the linker looks for them, links followed.
libraries() {
  find "$root$runtime" -type f \( -name '*.so' -o -path '*/bin/*' \) -exec ldd {} \; 2>/dev/null |
    sed -n -e 's/.* => \(\/[^ ]*\) (.*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*ld-[^ ]*\) (.*/\1/p' |
    grep -v "^$root" | sort -u
}
libraries | while read -r library; do
  mkdir -p "$root${library%/*}"
  cp -L "$library" "$root$library"
done
# Loaded by name when a host is looked up.
libc=$(libraries | sed -n 's/\/libc\.so\.6$//p' | head -n 1)
for library in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2; do
  if [ -e "$libc/$library" ]; then
    cp -L "$libc/$library" "$root$libc/$library"
  fi
done

printf 'root:x:0:0:root:/:/sbin/nologin\npop:x:%s:%s::/var/lib/pop:/sbin/nologin\n' "$user" "$user" \
  >"$root/etc/passwd"
printf 'root:x:0:\npop:x:%s:\n' "$user" >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
