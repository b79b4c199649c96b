#!/bin/sh
# kubevigil collector: reads what this node's kubelets run with, changes nothing, and prints one line:
#
#   kubevigil/1 <bytes> <sha256> <base64 of gzip of the text>
#
# read.sh reads, filter.awk and certificate.awk print anew what allowed.txt lists, and nothing else leaves; send.sh packs it.
# They stand in front of this text, as $READ, $FILTER, $ALLOWED and $SEND (lambda/nodes/script.ts). POSIX sh: dash, bash and
# busybox run it alike.
# KUBEVIGIL_ROOT=DIR reads another root directory (a copy, a mounted disk), and nothing below it is ever run; only then are
# programs looked for in KUBEVIGIL_TOOLS too.
set -u
exec 2>/dev/null </dev/null
root=${KUBEVIGIL_ROOT:-}
root=${root%/}
PATH=${root:+${KUBEVIGIL_TOOLS:+$KUBEVIGIL_TOOLS:}}/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL SEND READ FILTER ALLOWED root
umask 077
cd /

# Reading and packing have one time limit: a file system that hangs ends them, and nothing is judged by a half. What is sent
# then was packed before.
if command -v timeout >/dev/null; then timeout 30 sh -c "$SEND"; else sh -c "$SEND"; fi
case $? in 124 | 137 | 143) printf '%s\n' "$HUNG" ;; esac
exit 0
