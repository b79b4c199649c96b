#!/bin/sh
# kubevigil collector: reads what this node's kubelets run with, changes nothing, and prints one line:
#
#   kubevigil/1 <bytes> <sha256> <base64 of gzip of the text>
#
# read.sh reads, filter.awk and certificate.awk print anew what allowed.txt lists, and nothing else leaves; they stand in
# front of this text, as $READ, $FILTER and $ALLOWED (lambda/nodes/script.ts). POSIX sh: dash, bash and busybox run it alike.
# KUBEVIGIL_ROOT=DIR reads another root directory (a copy, a mounted disk), and nothing below it is ever run; only then are
# programs looked for in KUBEVIGIL_TOOLS too.
set -u
exec 2>/dev/null </dev/null
root=${KUBEVIGIL_ROOT:-}
root=${root%/}
PATH=${root:+${KUBEVIGIL_TOOLS:+$KUBEVIGIL_TOOLS:}}/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL READ FILTER ALLOWED root
umask 077
cd /

# All that is read has one time limit: a mount that hangs ends it, and nothing is judged by a half.
if command -v timeout >/dev/null; then answer=$(timeout 30 sh -c "$READ"); else answer=$(sh -c "$READ"); fi
case $? in 124 | 137 | 143) answer='refused reading took longer than 30 seconds: a file system may hang' ;; esac
envelope() {
  # shellcheck disable=SC2046 # the digest, a dash, and lines of base64
  set -- "$1" $(printf '%s\n' "$1" | if command -v sha256sum >/dev/null; then sha256sum; else openssl dgst -sha256 -r; fi
    printf '%s\n' "$1" | if command -v gzip >/dev/null; then gzip -9nc; else cat; fi | if command -v base64 >/dev/null; then base64; else openssl base64; fi)
  line="kubevigil/1 $((${#1} + 1)) $2 "
  shift 3
  for part in "$@"; do line=$line$part; done
}
# The reader unpacks 160 KiB and 10,000 lines; GetCommandInvocation carries 24,000 characters: say so rather than be cut.
line=''
[ ${#answer} -ge 163840 ] || envelope "$answer"
if [ -z "$line" ] || [ ${#line} -gt 23500 ]; then envelope 'refused the answer would be longer than 23500 characters or 160 KiB'; fi
printf '%s\n' "$line"
exit 0
