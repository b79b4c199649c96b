# Packs what read.sh prints into one line; run by collect.sh under its time limit.
sha256() { if command -v sha256sum >/dev/null; then sha256sum; else openssl dgst -sha256 -r; fi; }
answer=$(eval "$READ")
envelope() {
  # shellcheck disable=SC2046 # the digest, a dash, and lines of base64
  set -- "$1" $(printf '%s\n' "$1" | sha256
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
