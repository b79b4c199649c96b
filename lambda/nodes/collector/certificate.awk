# Certificates: their public facts are read from DER (ITU-T X.690, RFC 5280) and printed anew; of a file that holds a key
# beside its certificate, or of anything else, not a byte. No program is started for it but one digest an authority, which
# read.sh asks for: "> digest" and the bytes of the certificate as printf reads them.

# The certificates of the file that is being read or, where there is data, of what a kubeconfig embeds as base64. What is
# served begins with the node's own; of bundles ten are told, a damaged one, and how many more there are.
function certificates(use, data,   lines, n, i) {
  most = use == "serving-certificate" ? 1 : 10; seen = damaged = inside = 0
  if (data != "") {
    n = unbase64(data); data = ""
    for (i = 0; i < n; i++) data = data (byte[i] == 10 ? "\n" : byte[i] in letter ? letter[byte[i]] : " ")
    n = split(data, lines, "\n"); for (i = 1; i <= n; i++) pem(lines[i], use)
  } else while ((getline rest < where) > 0) pem(rest, use)
  if (!seen && !damaged) print "certificate " use " " name "\nproblem no certificate in it"
  if (seen > most && most > 1) print "certificate " use " " name "\nproblem " seen - most " more certificates in it are not told"
}
function pem(line, use) {
  sub(/[ \t\r]+$/, "", line)
  if (line == "-----BEGIN CERTIFICATE-----") { block = ""; inside = 1 }
  # What is no base64 is no block (Go, encoding/pem).
  else if (line == "-----END CERTIFICATE-----") { if (inside && length(block) % 4 == 0 && block !~ /=[^=]|===/) certificate(use, block); inside = 0 }
  else if (inside && line ~ /^[A-Za-z0-9+\/=]+$/) { if (length(block) < 65536) block = block line }
  else inside = 0
}
function unbase64(text,   i, c, held, bits, n) {
  if (!(65 in letter)) {
    for (i = 32; i < 127; i++) letter[i] = sprintf("%c", i)
    for (i = 1; i <= 64; i++) digit[substr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", i, 1)] = i - 1
    two[0] = 1; two[2] = 4; two[4] = 16; two[6] = 64
  }
  for (i = n = held = bits = 0; ++i <= length(text);) {
    c = substr(text, i, 1); if (!(c in digit)) continue
    held = held * 64 + digit[c]; bits += 6
    if (bits >= 8) { bits -= 8; byte[n++] = int(held / two[bits]); held %= two[bits] }
  }
  return n
}
# Goes to the element at: its tag, and its content from first to last.
function element(at,   k) {
  tag = byte[at]; k = byte[at + 1]; first = at + 2
  if (k > 127) { if (k > 131) broken = 1; last = 0; for (k -= 128; k > 0; k--) last = last * 256 + byte[first++] } else last = k
  last += first - 1; if (last >= end) broken = 1
}
# An X.501 name as RFC 2253 writes it, with a plus between attributes of one part; of its characters the plain ones.
function name_at(at,   to, k, kind, v, i, out, rest, part, joint) {
  element(at); to = last; part = -1
  for (at = first; at <= to && !broken; at = rest) {
    if (at > part) { element(at); part = last; joint = ","; at = first } else joint = "+"
    element(at); rest = last + 1; element(first)
    kind = "OID"; k = byte[first + 2]
    if (last - first == 2 && byte[first] == 85 && byte[first + 1] == 4) kind = k == 3 ? "CN" : k == 10 ? "O" : k == 11 ? "OU" : k == 6 ? "C" : k == 7 ? "L" : k == 8 ? "ST" : k == 5 ? "serialNumber" : kind
    if (byte[last] == 25 && last - first == 9) kind = "DC"
    element(last + 1); v = ""
    for (i = first; i <= last && i < first + 256; i++) v = v (byte[i] == 44 || byte[i] == 43 ? "\\" : "") (letter[byte[i]] ~ /^[A-Za-z0-9 ._:@\/*()+,=-]$/ ? letter[byte[i]] : "?")
    out = kind "=" v (out == "" ? "" : joint out)
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
function certificate(use, block,   at, serial, out, i, n) {
  n = unbase64(block); broken = 0
  end = n; element(0); if (tag != 48 || last + 1 != n) broken = 1
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
  if (broken) { if (!damaged++ || seen + damaged <= most) print "certificate " use " " name "\nproblem its certificate is damaged"; return }
  if (++seen > most) return
  print "certificate " use " " name "\n" out "\nserial " serial
  if (use !~ /^(authority|client-ca)$/) return
  out = ""; for (i = 0; i < n; i++) out = out sprintf("\\%03o", byte[i])
  print "> digest " out
}
