# Certificates: their public facts are read from DER (ITU-T X.690, RFC 5280) and printed anew; of a file that holds a key
# beside its certificate, or of anything else, not a byte. No program is needed for it, and none is started.

# The certificates of the file that is being read or, where there is data, of what a kubeconfig embeds as base64.
function certificates(use, data,   lines, n, i) {
  # Of authorities there may be several; of what is presented the first is the node's own.
  most = use ~ /^(authority|client-ca)$/ ? 10 : 1; seen = inside = 0
  if (data != "") {
    n = unbase64(data); data = ""
    for (i = 0; i < n; i++) data = data (byte[i] == 10 ? "\n" : byte[i] in letter ? letter[byte[i]] : " ")
    n = split(data, lines, "\n"); for (i = 1; i <= n; i++) pem(lines[i], use)
  } else while (seen < most && (getline rest < where) > 0) pem(rest, use)
  if (!seen) print "certificate " use " " name "\nproblem no certificate in it"
}
function pem(line, use) {
  sub(/[ \t\r]+$/, "", line)
  if (line == "-----BEGIN CERTIFICATE-----") { block = ""; inside = 1 }
  # What is no base64 is no block (Go, encoding/pem).
  else if (line == "-----END CERTIFICATE-----") { if (inside && length(block) % 4 == 0 && block !~ /=[^=]|===/ && seen < most) { seen++; print "certificate " use " " name; certificate(block) } inside = 0 }
  else if (inside && line ~ /^[A-Za-z0-9+\/=]+$/ && length(block) < 16384) block = block line
  else inside = 0
}
function tables(   i, a, b, c, x, y) {
  for (two[0] = i = 1; i < 33; i++) two[i] = two[i - 1] * 2
  for (i = 32; i < 127; i++) letter[i] = sprintf("%c", i)
  for (i = 1; i <= 64; i++) digit[substr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", i, 1)] = i - 1
  # SHA-256 (FIPS 180-4) takes bits of the square and cube roots of primes (by Newton: not every awk has roots), and three
  # functions, kept for four bits each.
  a = 0
  for (i = 2; a < 64; i++) {
    for (b = 2; b * b <= i && i % b; b++);
    if (b * b <= i) continue
    x = y = i; for (c = 0; c < 40; c++) { x = (x + i / x) / 2; y = (2 * y + i / y / y) / 3 }
    square[a] = int((x - int(x)) * 4294967296); cube[a++] = int((y - int(y)) * 4294967296)
  }
  for (a = 0; a < 16; a++) for (b = 0; b < 16; b++) for (c = 0; c < 16; c++) {
    i = a * 256 + b * 16 + c; parity[i] = choose[i] = most_of[i] = 0
    for (x = 1; x < 16; x *= 2) { y = int(a / x) % 2 * 4 + int(b / x) % 2 * 2 + int(c / x) % 2; parity[i] += x * (y == 1 || y == 2 || y == 4 || y == 7); choose[i] += x * (y == 1 || y == 3 || y == 6 || y == 7); most_of[i] += x * (y == 3 || y > 4) }
  }
}
function unbase64(text,   i, c, held, bits, n) {
  if (!(1 in two)) tables()
  for (i = n = held = bits = 0; ++i <= length(text);) {
    c = substr(text, i, 1); if (!(c in digit)) continue
    held = held * 64 + digit[c]; bits += 6
    if (bits >= 8) { bits -= 8; byte[n++] = int(held / two[bits]); held %= two[bits] }
  }
  return n
}
function turn(x, n,   low) { low = x % two[n]; return (x - low) / two[n] + low * two[32 - n] }
function each_bit(table, a, b, c,   m, r, x, y, z) {
  for (m = 1; m < 4294967296; m *= 16) { x = a % 16; y = b % 16; z = c % 16; r += table[x * 256 + y * 16 + z] * m; a = (a - x) / 16; b = (b - y) / 16; c = (c - z) / 16 }
  return r
}
function sha256(n,   padded, at, i, t, w, h, s, u, hex) {
  for (i = 0; i < 8; i++) h[i] = square[i]
  byte[n] = 128; padded = int((n + 72) / 64) * 64
  for (i = n + 1; i < padded; i++) byte[i] = 0
  t = n * 8; for (i = padded - 1; t > 0; i--) { byte[i] = t % 256; t = int(t / 256) }
  for (at = 0; at < padded; at += 64) {
    for (i = 0; i < 16; i++) w[i] = ((byte[at + i * 4] * 256 + byte[at + i * 4 + 1]) * 256 + byte[at + i * 4 + 2]) * 256 + byte[at + i * 4 + 3]
    for (; i < 64; i++) w[i] = (w[i - 16] + w[i - 7] + each_bit(parity, turn(w[i - 15], 7), turn(w[i - 15], 18), int(w[i - 15] / 8)) + each_bit(parity, turn(w[i - 2], 17), turn(w[i - 2], 19), int(w[i - 2] / 1024))) % 4294967296
    for (i = 0; i < 8; i++) s[i] = h[i]
    for (i = 0; i < 64; i++) {
      t = s[7] + each_bit(parity, turn(s[4], 6), turn(s[4], 11), turn(s[4], 25)) + each_bit(choose, s[4], s[5], s[6]) + cube[i] + w[i]
      u = each_bit(parity, turn(s[0], 2), turn(s[0], 13), turn(s[0], 22)) + each_bit(most_of, s[0], s[1], s[2])
      s[7] = s[6]; s[6] = s[5]; s[5] = s[4]; s[4] = (s[3] + t) % 4294967296; s[3] = s[2]; s[2] = s[1]; s[1] = s[0]; s[0] = (t + u) % 4294967296
    }
    for (i = 0; i < 8; i++) h[i] = (h[i] + s[i]) % 4294967296
  }
  for (i = 0; i < 8; i++) hex = hex sprintf("%04x%04x", int(h[i] / 65536), h[i] % 65536)
  return hex
}
# Goes to the element at: its tag, and its content from first to last.
function element(at,   k) {
  tag = byte[at]; k = byte[at + 1]; first = at + 2
  if (k > 127) { if (k > 131) broken = 1; last = 0; for (k -= 128; k > 0; k--) last = last * 256 + byte[first++] } else last = k
  last += first - 1; if (last >= end) broken = 1
}
# An X.501 name as RFC 2253 writes it; of its characters the plain ones.
function name_at(at,   to, k, kind, v, i, out, rest) {
  element(at); to = last
  for (at = first; at <= to && !broken; at = rest) {
    element(at); rest = last + 1; element(first); element(first)
    kind = "OID"; k = byte[first + 2]
    if (last - first == 2 && byte[first] == 85 && byte[first + 1] == 4) kind = k == 3 ? "CN" : k == 10 ? "O" : k == 11 ? "OU" : k == 6 ? "C" : k == 7 ? "L" : k == 8 ? "ST" : k == 5 ? "serialNumber" : kind
    if (byte[last] == 25 && last - first == 9) kind = "DC"
    element(last + 1); v = ""
    for (i = first; i <= last && i < first + 256; i++) v = v (byte[i] == 44 || byte[i] == 43 ? "\\" : "") (letter[byte[i]] ~ /^[A-Za-z0-9 ._:@\/*()+,=-]$/ ? letter[byte[i]] : "?")
    out = kind "=" v (out == "" ? "" : "," out)
  }
  return out
}
# Seconds since the epoch of a UTCTime or GeneralizedTime, both of which end with Z (RFC 5280).
function time_at(at,   i, s, y, m) {
  element(at); for (i = first; i <= last; i++) s = s letter[byte[i]]
  if (tag == 23) s = (substr(s, 1, 2) < 50 ? "20" : "19") s
  if (s !~ /^[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]Z$/) broken = 1
  y = substr(s, 1, 4) + 0; m = substr(s, 5, 2) + 0; if (m < 3) { y--; m += 12 }
  # Some print large numbers as powers of ten.
  return sprintf("%.0f", (365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * m - 457) / 5) + substr(s, 7, 2) - 719469) * 86400 + substr(s, 9, 2) * 3600 + substr(s, 11, 2) * 60 + substr(s, 13, 2))
}
# subjectAltName among the extensions at: names and addresses.
function alternatives(at,   to, rest, all, i, v, n, list) {
  element(at); to = last
  for (at = first; at <= to && !broken; at = rest) {
    element(at); rest = last + 1; element(first)
    if (last - first != 2 || byte[first] != 85 || byte[last] != 17) continue
    element(last + 1); if (tag == 1) element(last + 1)
    element(first); all = last
    for (at = first; at <= all && n < 32 && !broken; at = last + 1) {
      element(at); v = ""
      if (tag == 130) for (i = first; i <= last && i < first + 256; i++) v = v (letter[byte[i]] ~ /^[A-Za-z0-9.*_-]$/ ? letter[byte[i]] : "?")
      if (tag == 135) for (i = first; i <= last; i++) v = v (last - first == 3 ? (i > first ? "." : "") byte[i] : ((i - first) % 2 || i == first ? "" : ":") sprintf("%02x", byte[i]))
      if (v != "") { n++; list = list "name " (tag == 130 ? "DNS:" : "IP:") v "\n" }
    }
  }
  return list
}
function certificate(block,   at, serial, out, i) {
  end = unbase64(block); broken = 0
  element(0); if (tag != 48) broken = 1
  end = last + 1; element(first); at = first
  element(at); if (tag == 160) { at = last + 1; element(at) }
  for (i = first; i <= last && i < first + 32 && !broken; i++) serial = serial sprintf("%02x", byte[i])
  sub(/^00/, "", serial)
  element(last + 1); at = last + 1
  out = "issuer " name_at(at); element(at); at = last + 1; element(at)
  i = last + 1; at = first; out = out "\nfrom " time_at(at); element(at); out = out "\nto " time_at(last + 1)
  out = out "\nsubject " name_at(i); element(i); element(last + 1); at = last + 1
  element(0); element(first); i = last
  while (at <= i && !broken) { element(at); if (tag == 163) { out = out "\n" alternatives(first); break } at = last + 1 }
  sub(/\n$/, "", out)
  if (broken) print "problem its certificate is damaged"
  else print out "\nserial " serial "\nsha256 " sha256(end)
}
