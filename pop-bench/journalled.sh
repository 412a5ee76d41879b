#!/bin/sh
# Runs a command while an ext4 file system with a journal, made in a file, is mounted on a directory. For
# machines whose own file system is another one, or an ext4 without a journal: what a force and a new
# file cost differs. Needs root, mkfs.ext4 and loop devices.
#
#   pop-bench/journalled.sh DIR SIZE COMMAND [ARGUMENT...]
#
# DIR is made if it is not there, and must be empty; its file is DIR.ext4, which must not be there. SIZE
# as for truncate(1): 6G are enough for all rows. All of it is written beforehand, so that no block of it is
# looked for while something is measured. At the end both are taken away again, whatever the command
# came to; its exit code is this one's.
set -eu

if [ $# -lt 3 ]; then
  echo "usage: $0 DIR SIZE COMMAND [ARGUMENT...]" >&2
  exit 64
fi
dir=$1
size=$2
shift 2
image=$dir.ext4

if [ -e "$image" ]; then
  echo "$image: is there already; take it away, or name another directory" >&2
  exit 73
fi
mkdir -p "$dir"
if [ -n "$(ls -A "$dir")" ]; then
  echo "$dir: is not empty; an empty directory is right" >&2
  exit 73
fi

device=
clean() {
  code=$?
  trap - EXIT INT TERM HUP
  if mountpoint -q "$dir"; then
    umount "$dir" || echo "$dir: is still mounted" >&2
  fi
  if [ -n "$device" ]; then
    losetup -d "$device" || echo "$device: is still there" >&2
  fi
  rm -f "$image"
  rmdir "$dir" 2>/dev/null || true
  exit "$code"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

truncate -s "$size" "$image"
bytes=$(stat -c %s "$image")
fill() {
  dd if=/dev/zero of="$image" bs=4M count=$(((bytes + 4194303) / 4194304)) conv=notrunc,fsync status=none "$@"
}
fill oflag=direct 2>/dev/null || fill
truncate -s "$size" "$image"

# Past the page cache of the file system below, where that can be: else each byte is held twice.
device=$(losetup --find --show --direct-io=on "$image" 2>/dev/null || losetup --find --show "$image")
# Nothing is left to be done in the background, and what was written beforehand is not given back.
mkfs.ext4 -q -F -O has_journal -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$device"
mount -t ext4 -o data=ordered,nodiscard "$device" "$dir"

"$@"
