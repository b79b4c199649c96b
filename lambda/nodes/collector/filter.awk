# The one filter: whatever leaves the node of a file or of a command line is printed anew here, and only what allowed.txt
# lists. Three ways in, by the environment: MODE=arguments (the words of a command line in ARGV), otherwise ITEMS, a file a
# line ("where, role, state, link, path", split by tabs), with FACTS, what stat says of each "where". A line "> role path"
# of the output is for collect.sh: a file that was named, absolute, to be looked at next.
# POSIX awk: mawk, gawk, busybox. It has no quote of the shell in it.

# --- The list -------------------------------------------------------------------------------------------------------
function load(   lines, words, n, m, i, j, key) {
  n = split(ENVIRON["ALLOWED"], lines, "\n")
  for (i = 1; i <= n; i++) {
    m = split(lines[i], words, " ")
    for (j = 3; j <= m && words[1] != "#"; j++) {
      # Names in files are compared without case: drop-ins of 1.29 and newer are.
      key = words[1] " " (words[1] ~ /flag$/ ? words[j] : tolower(words[j])); may[key] = words[2]
      while (words[1] !~ /flag$/ && sub(/(\.[^].[]*|\[\])$/, "", key)) if (!(key in may)) may[key] = "object"
    }
  }
  # What names a file, and as what.
  n = split("flag config config flag config-dir dir flag kubeconfig kubeconfig flag bootstrap-kubeconfig kubeconfig flag cert-dir cert-dir flag client-ca-file client-ca flag tls-cert-file serving-certificate flag tls-private-key-file serving-key flag pod-manifest-path static-pods flag volume-plugin-dir volume-plugins flag image-credential-provider-config credential-provider flag image-credential-provider-bin-dir credential-provider kubelet authentication.x509.clientcafile client-ca kubelet tlscertfile serving-certificate kubelet tlsprivatekeyfile serving-key kubelet staticpodpath static-pods kubelet volumeplugindir volume-plugins kubeconfig users[].user.client-certificate client-certificate kubeconfig users[].user.client-key client-key kubeconfig users[].user.tokenfile named kubeconfig users[].user.exec.command program kubeconfig clusters[].cluster.certificate-authority authority proxyflag config proxy-config proxyflag kubeconfig proxy-kubeconfig proxy clientconnection.kubeconfig proxy-kubeconfig", words, " ")
  for (i = 1; i < n; i += 3) names[words[i] " " words[i + 1]] = words[i + 2]
  plain = "^[][A-Za-z0-9_./+~=@%,:<>*-]+$"
}
# True where the value v may stand where the list has the type t.
function fits(t, v) {
  if (length(v) > 1024) return 0
  if (t == "bool") return v ~ /^([01tTfFyYnN]|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/
  if (t == "number") return length(v) <= 40 && v ~ /^[-+]?[.0-9][0-9a-fA-FxXo_.+-]*$/
  if (t == "duration") return length(v) <= 40 && v ~ /^[-+]?[.0-9][0-9.hmsun]*$/
  if (t == "quantity") return length(v) <= 40 && v ~ /^[-+]?[.0-9][0-9.eE+-]*([numkKMGTPE]i?)?$/
  if (t == "url") return v ~ /^[a-z][a-z0-9+.-]*:\/\/[][A-Za-z0-9_.:-]*(\/[A-Za-z0-9_.\/-]*)?$/ || (v ~ plain && v !~ /:\/\/|@/)
  if (t == "path") return v ~ /^[A-Za-z0-9_.\/+~=@%,:-]([ A-Za-z0-9_.\/+~=@%,:-]*[A-Za-z0-9_.\/+~=@%,:-])?$/ && v !~ /:( |\/\/)/
  return t == "text" && v ~ plain && v !~ /:\/\// && !confides(v)
}
# True where one of several "name=value" is by its name a secret, and no switch as feature gates are.
function confides(v,   n, i, parts) {
  if (tolower(v) !~ /(token|secret|passw|credential|api-?key)[a-z0-9_.\/-]*=/) return 0
  n = split(v, parts, ",")
  for (i = 1; i <= n; i++) if (tolower(parts[i]) ~ /(token|secret|passw|credential|api-?key)[a-z0-9_.\/-]*=./ && parts[i] !~ /=([01tTfF]|true|True|TRUE|false|False|FALSE)$/) return 1
  return 0
}
# The value as it may be sent: of an address scheme, host, port and path; no user, parameters, query or fragment.
function sent(t, v,   scheme) {
  if (t != "url" || !match(v, /^[a-z][a-z0-9+.-]*:\/\//)) return v
  scheme = substr(v, 1, RLENGTH); v = substr(v, RLENGTH + 1); sub(/[;?#].*/, "", v); sub(/^[^\/]*@/, "", v)
  return scheme v
}
# The path as the kubelet opens it: absolute by the directory d, dots taken out by name (Go, filepath.Abs).
function clean(path, d,   n, i, parts, kept, k) {
  if (path !~ /^\//) path = d "/" path
  n = split(path, parts, "/"); k = 0
  for (i = 1; i <= n; i++) { if (parts[i] == "..") { if (k > 0) k-- } else if (parts[i] != "" && parts[i] != ".") kept[++k] = parts[i] }
  path = ""; for (i = 1; i <= k; i++) path = path "/" kept[i]
  return path == "" ? "/" : path
}
function tell(key, v,   d) {
  if (!(key in names) || v == "") return
  if (ENVIRON["CWD"] == "" && v !~ /^\// && (key ~ /flag / || role ~ /^(drop-in|proxy-config)$/)) { print "note " v " was not read: the working directory of its process is not known"; return }
  # A plugin's name without a slash is looked for as a shell does (client-go tools/clientcmd/loader.go, os/exec.LookPath).
  if (names[key] == "program" && v !~ /\//) { found = found "> on-path " v "\n"; return }
  d = key ~ /flag / || role ~ /^(drop-in|proxy-config)$/ ? ENVIRON["CWD"] : folder
  found = found "> " names[key] " " clean(v, d) "\n"
  # Before 1.29 a drop-in is read like a file: its paths are relative to its own folder.
  if (role == "drop-in" && v !~ /^\//) found = found "> " names[key] " " clean(v, folder) "\n"
}
function fail(reason) { if (why == "") why = reason " (line " lineno ")"; rest = "" }

# --- Arguments, as pflag splits them --------------------------------------------------------------------------------
function worth(t, v) { v = sent(t, v); return t == "secret" ? (v ~ /:/ ? "REDACTED:REDACTED" : "REDACTED") : v == "" || fits(t, v) ? v : "REDACTED" }
function argument(a,   e, n, d, t, v) {
  if (wants != "") { t = may[wants]; v = worth(t, a); print "arg " v; if (v == a) tell(wants, a); wants = ""; return }
  if (a ~ /^--[^-=]/ && !over) {
    e = index(a, "="); n = substr(e ? substr(a, 1, e - 1) : a, 3); d = n; gsub(/_/, "-", d); d = kind " " d; t = ((d in may) ? may[d] : "")
    if (t == "") { print "arg --" (n ~ /^[A-Za-z][A-Za-z_-]*$/ && length(n) <= 64 ? n : "REDACTED") (e ? "=REDACTED" : ""); loose = !e; return }
    if (e) { v = worth(t, substr(a, e + 1)); print "arg --" n "=" v; if (v == substr(a, e + 1)) tell(d, v) }
    else { print "arg --" n; if (t != "bool") wants = d }
  } else if (a ~ /^-[a-zA-Z]/ && !over) { print "arg " (a ~ /^-(v[= ]?[0-9]*|h)$/ ? a : substr(a, 1, 2)); if (a == "-v") wants = kind " v" }
  else { if (a == "--") over = 1; print "arg " (!loose && a ~ /^(true|false|--)?$/ ? a : "REDACTED") }
  loose = 0
}

# The command line in ARGV: what is in front of a kubelet's own arguments is not printed.
function command_line(host,   i, k, base) {
  base = ARGV[1]; sub(/.*\//, "", base)
  if (ARGC > 1) print "> argv0 " (fits("path", ARGV[1]) ? ARGV[1] : "-")
  # A script has its interpreter before it (execve(2)).
  for (i = 2; i < ARGC && ARGV[i] ~ /^-/; i++);
  if (base ~ /^(sh|ash|bash|dash|ksh|zsh|busybox|env|perl|python[0-9.]*)$/ && substr(ARGV[i], length(ARGV[i]) - length(ENVIRON["COMM"])) == "/" ENVIRON["COMM"]) print "> script"
  if (host ~ /^k3s/) { for (i = 2; i < ARGC; i++) k3s_word(ARGV[i]); return }
  i = 2
  if (base == "hyperkube" || host == "hyperkube") { if (ARGV[2] != "kubelet") return; print "> kubelet"; i = 3 }
  if (host == "kubelite") return
  for (; i < ARGC; i++) argument(ARGV[i])
  if (found ~ /> (config|kubeconfig) /) print "> kubelet"
}
# A word of the command line of k3s: what it is told for its kubelet and its kube-proxy, and where its files are.
function k3s_word(w,   n) {
  if (wanted != "") { n = wanted; wanted = "" }
  else if (match(w, /^--?(kubelet-arg|kube-proxy-arg|data-dir|d|config|c)(=|$)/)) {
    n = substr(w, 1, RLENGTH); sub(/^-+/, "", n); sub(/=$/, "", n)
    if (w !~ /=/) { wanted = n; return }
    sub(/^[^=]*=/, "", w)
  } else return
  k3s_told(n == "d" ? "data-dir" : n == "c" ? "config" : n, w)
}
# It is given to the kubelet behind two dashes, of which some already have them, and without what says how lists are joined
# (pkg/util/args.go, GetArgs). What goes on from here is read as an argument and passes the list.
function k3s_told(n, v,   name) {
  # It reads addresses and paths relative to its folder too.
  if (n == "config" || n == "data-dir") { given = given "> k3s-" n " " (v ~ /^\// && fits("path", v) ? v : "?") "\n"; return }
  sub(/^-*/, "", v); name = v; sub(/=.*/, "", name); v = substr(v, length(name) + 1); sub(/[-+]*$/, "", name)
  given = given "> " (n == "kubelet-arg" ? "argument --" : "proxy-argument --") name v "\n"
}

# --- JSON, and YAML in block style line by line -----------------------------------------------------------------------
function next_line() {
  if ((getline rest < where) <= 0) return 0
  lineno++; size += length(rest) + 1; sub(/\r$/, "", rest)
  if (lineno == 1) sub(/^\357\273\277/, "", rest)
  if (rest ~ /[\001-\010\013-\037\177]/) fail("control characters")
  if (rest ~ /[\200-\377]/) {
    # What YAML takes for a line break or refuses, then what is no UTF-8.
    high = rest; if (high ~ /\302[\200-\237]|\342\200[\250\251]|\357\273\277|\357\277[\276\277]/) fail("control characters")
    gsub(/[\302-\337][\200-\277]|\340[\240-\277][\200-\277]|[\341-\354\356\357][\200-\277][\200-\277]|\355[\200-\237][\200-\277]|\360[\220-\277][\200-\277][\200-\277]|[\361-\363][\200-\277][\200-\277][\200-\277]|\364[\200-\217][\200-\277][\200-\277]/, "", high)
    if (high ~ /[\200-\377]/) fail("it is not UTF-8")
  }
  return why == ""
}
function emit(s) { if (!mute) out = out s }
function type_of(p) { return p == "" ? "object" : (kind " " p) in may ? may[kind " " p] : "" }
# The path of key k below p: that of any key where p is a map.
function below(p, k,   q) {
  q = (p == "" ? "" : p ".") tolower(k)
  if (type_of(q) == "" && type_of(p ".{}") != "") { if (k !~ /^[A-Za-z0-9_.\/-]+$/ || length(k) > 128) fail("a name of other characters"); return p ".{}" }
  return q
}
# A name as it is printed: one that is not listed only of a kubelet, which may ignore it or not start, and only if it is plain.
function label(k, p) { return type_of(p) != "" || (kind == "kubelet" && k ~ /^[A-Za-z][A-Za-z-]*$/ && length(k) <= 64) ? k : "REDACTED-" (++hidden) }
# A scalar as it is printed in the place p.
function shown(p, v, quoted,   t) {
  t = type_of(p)
  if (t == "" || (!quoted && v ~ /^(~|null|Null|NULL)?$/)) return "null"
  if (quoted && v == "") return "\"\""
  # Of several users or clusters it would take a parser to say whose it is.
  if (t == "data") { if ((p in data) && data[p] != v) v = "="; data[p] = v; return "\"REDACTED\"" }
  if (t == "present" || t == "object" || t == "header") return "\"REDACTED\""
  # Of k3s nothing is printed here.
  if (kind == "k3s") { sub(/\[\]$/, "", p); if (t == "text" || t == "path") { k3s_told(p, v); if (match(v, /^-*[a-z-]+/)) said = said "flag " lineno " " substr(v, 1, RLENGTH) "\n" } return "" }
  v = sent(t, v)
  if (!fits(t, v)) {
    # What is no number the kubelet refuses, whatever it is; microseconds, escapes and leading noughts may be one.
    if (kind != "kubeconfig" && (t ~ /text|path|url/ || length(v) > 40 || v ~ /[\\\200-\377]/)) fail("a value of " p " in characters that are not sent")
    return "\"REDACTED\""
  }
  tell(kind " " p, v)
  return quoted || v ~ / / ? "\"" v "\"" : v
}
# Moves to the next sign: in brackets over line breaks, which stay. "" at the end.
function ahead() {
  for (;;) {
    sub(/^[ \t]+/, "", rest)
    if (rest != "" || !(json || deep) || why != "" || !next_line()) return substr(rest, 1, 1)
    out = out "\n"
    if (json) continue
    if (rest ~ /^(---|\.\.\.|%)|^[ \t]*#/) fail("a sign that takes a parser")
    match(rest, /^ */); out = out substr(rest, 1, RLENGTH)
  }
}
function eat(n) { rest = substr(rest, n + 1) }
# The scalar or name at the beginning of rest: text, and whether it is quoted.
function token(   ok) {
  text = ""; quoted = 0
  if (json ? match(rest, /^"([^"\\]|\\["\\\/bfnrt]|\\u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F])*"/) : match(rest, /^("[^"\\]*"|\047([^\047]|\047\047)*\047)/)) {
    quoted = 1; text = substr(rest, 2, RLENGTH - 2)
    if (json && text ~ /\t/) fail("control characters")
  } else if (json ? match(rest, /^(true|false|null|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?)/) : match(rest, /^(-?[A-Za-z0-9_.\/+~=][A-Za-z0-9_.\/+~=@%<>-]*)/)) text = substr(rest, 1, RLENGTH)
  else { fail(json ? "it is not JSON" : "a sign that takes a parser"); return }
  eat(RLENGTH)
  if (!quoted && rest !~ /^[] \t,:}]/ && rest != "") fail(json ? "it is not JSON" : "a sign that takes a parser")
  if (!quoted && !json && rest ~ /^:[^ \t]/) fail("a colon in a value")
}
# A value in brackets or a scalar, in the place p. Below a header only lists of texts are looked at.
function value(p, header,   c, t, k, kq, q, n, quiet) {
  c = ahead(); t = type_of(p)
  if (++deep > 40) fail("brackets in brackets")
  if (c == "{" || c == "[") {
    if (header == 2 || (header && c == "{")) fail("a header of another form")
    if (t == "" || t == "present" || t == "header") { emit(t == "header" ? (c == "{" ? "{}" : "[]") : t == "present" ? "\"REDACTED\"" : "null"); mute++; quiet = 1 }
    emit(c); eat(1)
    if (ahead() == (c == "{" ? "}" : "]")) { emit(ahead()); eat(1) }
    else while (why == "") {
      if (n++) emit(",")
      if (c == "{") {
        ahead(); token(); k = text; kq = quoted ? "\"" : ""
        if (json && !quoted) fail("it is not JSON")
        if (k ~ /\\/ || k !~ /./ || (!json && k !~ /^[A-Za-z0-9_.\/-]+$/)) fail("a name that takes a parser")
        # YAML wants the colon in the line of the name.
        if ((!json || kind == "kubeconfig") && rest !~ /^[ \t]*:/ || ahead() != ":") fail("a name without a value")
        eat(1); q = below(p, k); emit(kq label(k, q) kq (json ? ":" : ": "))
      } else q = p "[]"
      value(q, t == "header" ? 1 : header ? header + 1 : 0)
      k = ahead(); eat(1)
      if (k == (c == "{" ? "}" : "]")) { emit(k); break }
      if (k != ",") fail("brackets that take a parser")
    }
    if (quiet) mute--
  } else {
    token()
    if (why == "" && header && (header < 2 || !(quoted || (text ~ /[A-Za-z]/ && text !~ /^(true|false|null|yes|no|on|off|y|n)$/)))) fail("a header of another form")
    if (why == "") emit(shown(p, text, quoted))
  }
  deep--
}
# The value of a YAML line, in rest, to the end of the line. "" where there is none.
function line_value(p,   c, v) {
  c = substr(rest, 1, 1)
  if (c == "{" || c == "[" || c == "\"" || c == "\047") {
    value(p, 0)
    if (rest !~ /^[ \t]*$/ && rest !~ /^[ \t]+#/) fail("more than one value in a line")
    return
  }
  if (c ~ /[]&*!|>%@`},?#]/ || rest ~ /^[-:?]([ \t]|$)/) { fail("a sign that takes a parser"); return }
  if (match(rest, /[ \t]+#/)) rest = substr(rest, 1, RSTART - 1)
  sub(/[ \t]+$/, "", rest)
  if (rest ~ /:[ \t]/ || rest ~ /:$/ || rest ~ /\t/) fail("a colon in a value")
  v = shown(p, rest, 0)
  if (why == "") emit(v)
}
function block_line(   n, lead, k, p, kq) {
  match(rest, /^ */); n = RLENGTH; eat(n)
  if (literal != "" && (rest == "" || n > literal)) return
  literal = ""
  if (rest ~ /^[ \t]*(#|$)/) { if (rest ~ /^\t+[^#]/) fail("tabs"); return }
  if (rest ~ /^\t/) { fail("tabs"); return }
  # A name without a value: what it opens stands further in, or is a list as far out as the name.
  if (open) {
    open = 0
    if (rest ~ /^- / ? n >= ind[top] : n > ind[top]) {
      top++; ind[top] = n; form[top] = rest ~ /^- / ? "list" : "map"; path[top] = opened; shut[top] = openshut; head[top] = openhead
      if (openhead && form[top] != (openhead == 1 ? "map" : "list")) fail("a header of another form")
    }
  }
  if (top == 0) { top = 1; ind[1] = n; form[1] = "map"; path[1] = "" }
  while (top > 1 && (ind[top] > n || (ind[top] == n && form[top] == "list" && rest !~ /^- /))) top--
  if (ind[top] != n || (rest ~ /^- /) != (form[top] == "list")) { fail("an indentation that takes a parser"); return }
  mute = shut[top]; p = path[top]; openhead = 0
  # Of a header names of lists of texts: with another form the kubelet does not start.
  if (head[top] == 2 && rest !~ /^- +("[^"\\]*"|\047[^\047]*\047|[A-Za-z][^:#\t]*)[ \t]*$/) fail("a header of another form")
  emit(sprintf("%" n "s", ""))
  if (rest ~ /^- /) {
    match(rest, /^- +/); n += RLENGTH; eat(RLENGTH); p = p "[]"; emit("- ")
    if (rest ~ /^(- |-$|#|$|\t)/) { fail("a list in a list"); return }
  }
  # A name with a plus adds to what files before said, any other takes its place (k3s-io/k3s pkg/configfilearg/parser.go).
  plus = kind == "k3s" && match(rest, /^["\047]?[a-z-]+[+]["\047]? *:/)
  if (plus) sub(/[+]/, "", rest)
  if (match(rest, /^("[A-Za-z0-9_.\/-]+"|\047[A-Za-z0-9_.\/-]+\047|[A-Za-z0-9_.\/][A-Za-z0-9_.\/-]*) *:([ \t]|$)/)) {
    k = substr(rest, 1, RLENGTH); eat(RLENGTH); sub(/[ \t]*:[ \t]*$/, "", k)
    kq = k ~ /^["\047]/ ? "\"" : ""; gsub(/["\047]/, "", k)
    if (form[top] == "list") { top++; ind[top] = n; form[top] = "map"; path[top] = p; shut[top] = mute; head[top] = 0 }
    p = below(p, k); emit(kq label(k, p) kq ":"); sub(/^[ \t]+/, "", rest)
    if (kind == "k3s" && !plus && p ~ /^kube(let|-proxy)-arg$/) given = given "> fresh " p "\n"
    if (rest == "" || rest ~ /^#/) {
      open = 1; opened = p; openshut = mute || type_of(p) ~ /^(present|header)?$/
      openhead = head[top] ? head[top] + 1 : type_of(p) == "header"
      if (type_of(p) ~ /^(present|header)$/) emit(type_of(p) == "header" ? " {}" : " \"REDACTED\"")
    } else if (head[top]) { if (rest !~ /^\[/) fail("a header of another form"); value(p, 1); if (rest !~ /^[ \t]*(#.*)?$/) fail("more than one value in a line") } else if (rest ~ /^[|>][0-9+-]*[ \t]*(#.*)?$/) {
      literal = ind[top]
      if (type_of(p) ~ /^(bool|number|duration|quantity|text|path|url|object|header|data)$/ && !mute) fail(p " is a block of text")
      emit(type_of(p) == "present" ? " \"REDACTED\"" : " null")
    } else { emit(" "); line_value(p) }
  } else if (form[top] == "list") line_value(p)
  else fail("a line that is no name with a value")
}
function tree() {
  json = begun = open = top = deep = mute = hidden = 0; out = found = given = said = literal = ""; split("", data); split("", shut); split("", head)
  while (why == "" && next_line()) {
    if (lineno > 1) out = out "\n"
    if (!begun && rest ~ /^[ \t]*[{]/) {
      # A kubeconfig is YAML whatever it begins with (client-go tools/clientcmd/api/latest); others are JSON then.
      begun = 1; json = kind != "kubeconfig" || rest !~ /^[ \t]*[{][ \t]*[A-Za-z]/
      if (kind == "kubeconfig" && rest ~ /^ *\t/) fail("tabs"); else value("", 0)
      if (why == "" && ahead() != "") fail("more than one value")
    } else if (rest ~ /^(---|\.\.\.)/ && literal == "") {
      if (rest !~ /^(---|\.\.\.)[ \t]*$/ && rest !~ /^(---|\.\.\.)[ \t]+#/) fail("text behind ---")
      out = out substr(rest, 1, 3)
      # The kubelet reads the first document alone.
      if (begun || rest ~ /^\./) { while ((getline rest < where) > 0) size += length(rest) + 1; break }
      begun = 1
    } else if (rest ~ /^%/) fail("a directive")
    else { if (rest !~ /^[ \t]*(#|$)/) begun = 1; block_line() }
  }
  # A text without a line break at its end is one byte shorter than it was counted; NUL bytes make awk count fewer.
  if (why == "" && bytes ~ /^[0-9]+$/ && size != bytes && size - 1 != bytes) { lineno = 0; why = "NUL bytes in it, or it changed while it was read" }
}

# --- Units and environment files: where flags are written, and what systemd reads beside them --------------------------
function flags_in(   n, d) {
  # "export A" is no name of a variable to systemd, which passes over it (src/basic/env-util.c, env_name_is_valid).
  if (rest ~ /^[ \t]*[#;]/ || (role == "environment" && rest ~ /^[ \t]*export[ \t]/)) return
  n = rest
  while (match(n, /--[A-Za-z][A-Za-z0-9_-]*/)) {
    d = substr(n, RSTART + 2, RLENGTH - 2); n = substr(n, RSTART + RLENGTH); gsub(/_/, "-", d)
    if ((("flag " d) in may) && ++flags <= 200) print "flag " lineno " " d
  }
}
# A line of a unit, which goes on behind a backslash, comments between or not (systemd.syntax(7)). An empty assignment undoes
# those before it, in other files too: what counts in the end is known when all are read, by read.sh.
function unit_line(   n, d) {
  if (rest ~ /^[ \t]*[#;]/) return
  whole = (going ? whole " " : "") rest; going = sub(/\\[ \t]*$/, "", whole)
  if (going) return
  if (whole ~ /^[ \t]*\[/) section = whole
  if (section !~ /^[ \t]*\[Service\]/ || !match(whole, /^[ \t]*(EnvironmentFile|Exec(Condition|Start|StartPre|StartPost|Reload|Stop|StopPost))[ \t]*=[ \t]*/)) return
  d = substr(whole, 1, RLENGTH); gsub(/[ \t=]/, "", d); n = substr(whole, RLENGTH + 1); sub(/[ \t]+$/, "", n)
  if (n == "") print "> no " d
  else if (d ~ /^Exec/) commands(d, n)
  else { sub(/^-/, "", n); named_by_unit(d, n) }
}
# The programs of a line of commands, and the scripts that a shell among them is given (systemd.service(5), Command Lines).
function commands(d, n,   count, i, c, quote, word, begun, words, first, base, k3s) {
  count = 0; quote = word = ""; begun = 0; n = n " "
  for (i = 1; i <= length(n); i++) {
    c = substr(n, i, 1)
    if (quote != "") { if (c == quote) quote = ""; else word = word c }
    else if (c == "\"" || c == "\047") { quote = c; begun = 1 }
    else if (c !~ /[ \t]/) { word = word c; begun = 1 }
    else if (begun) { words[++count] = word; word = ""; begun = 0 }
  }
  k3s = d == "ExecStart" && ENVIRON["HOST"] == "k3s"
  if (k3s) { wanted = ""; given = "> fresh kubelet-arg\n> fresh kube-proxy-arg\n"; opaque = n ~ /[$\\%]/ }
  first = 1
  for (i = 1; i <= count; i++) {
    c = words[i]
    if (c == ";") { first = 1; base = ""; continue }
    if (first) {
      if (base == "env") { if (c ~ /^(-|[A-Za-z_][A-Za-z0-9_]*=)/) continue }
      else sub(/^[-@:+!|]+/, "", c)
      base = c; sub(/.*\//, "", base); first = base == "env"
      if (k3s && base !~ /^(k3s|env)$/) opaque = 1
      named_by_unit(d, c); continue
    }
    if (k3s) k3s_word(c)
    if (base !~ /^(sh|bash|dash|ash|ksh|zsh|busybox|perl|python[0-9.]*)$/) continue
    if (c ~ /^-[A-Za-z]*c$/) { script(d, words[++i]); base = "" }
    else if (c !~ /^[-+]/ && c != "sh") { if (c ~ /^\//) named_by_unit(d, c); base = "" }
  }
  if (opaque) print "withheld what k3s gets by it is known to systemd alone"
}
# What a shell starts by its path: at the beginning of a text, or behind what ends a command.
function script(d, text,   n, i, parts) {
  gsub(/[;&|(){}`]/, "\n", text); n = split(text, parts, "\n")
  for (i = 1; i <= n; i++) {
    while (sub(/^[ \t]*(exec|if|then|else|do|while|!|[A-Za-z_][A-Za-z0-9_]*=[^ \t]*)[ \t]+/, "", parts[i]));
    sub(/^[ \t"\047]+/, "", parts[i]); sub(/[ \t<>"\047].*/, "", parts[i])
    if (parts[i] ~ /^\//) named_by_unit(d, parts[i])
  }
}
# What a unit names: a path, or a program by its name alone. What only systemd knows is told as unread.
function named_by_unit(d, n,   path) {
  path = specified(n)
  if (path ~ /^\// && n !~ /\\/) print "> of-unit " d " " path
  else if (d ~ /^Exec/ && path ~ /^[A-Za-z0-9_.-]+$/) print "> of-unit " d " " path
  else if (n !~ /^[^%\\\/]/ || n ~ /[%\\]/) { gsub(/[*?]+/, "*", path); print "> of-unit " d " unread /" substr(path, 1, 200) }
}
# What systemd makes of a path's specifiers (systemd.unit(5), Specifiers). A name that is not known here, and what the answer's
# names cannot carry, becomes a pattern, so that every file which may be meant is looked at; a path, of which the pattern's parts
# would be unknown, leaves a text that is none.
function specified(n,   i, c, name, at, folders, out) {
  folders = "E=/etc t=/run S=/var/lib C=/var/cache L=/var/log h=/root T=/tmp V=/var/tmp "
  name = ENVIRON["UNIT"]; sub(/\.service$/, "", name); at = index(name, "@"); out = ""
  while ((i = index(n, "%"))) {
    c = substr(n, i + 1, 1); out = out substr(n, 1, i - 1); n = substr(n, i + 2)
    if (c == "n") c = ENVIRON["UNIT"]
    else if (c == "N") c = name
    else if (c == "p") c = at ? substr(name, 1, at - 1) : name
    else if (c == "i") c = at ? substr(name, at + 1) : ""
    else if (c != "" && index("EtSCLhTV", c)) { c = substr(folders, index(folders, c "=") + 2); sub(/ .*/, "", c) }
    else if (c != "" && index("HlmbvMAaBowWqgGuUIjJP", c)) c = "*"
    else if (c != "%") { out = "* " out c n; n = "" ; c = "" }
    out = out c
  }
  out = out n; gsub(/\\/, "?", out); gsub(/[^][A-Za-z0-9_.\/@+*?:,-]/, "?", out)
  return out
}

# A line of the arguments of MicroK8s: quotes go, words are split, the snap's variables are its folders (ReadArgsFromFile in its
# 0000-Kubelite-integration.patch).
function snap_arguments(   n, i, words) {
  if (rest ~ /^[ \t]*#/) return
  gsub(/["\047]/, "", rest); gsub(/\$[{]?SNAP_DATA[}]?/, "/var/snap/microk8s/current", rest)
  gsub(/\$[{]?SNAP_COMMON[}]?/, "/var/snap/microk8s/common", rest); gsub(/\$[{]?SNAP[}]?/, "/snap/microk8s/current", rest)
  n = split(rest, words, /[ \t]+/); for (i = 1; i <= n; i++) if (words[i] != "") print "> argument " words[i]
}

# --- Addresses of the node's own interfaces -------------------------------------------------------------------------
# Of IPv4 the routing table's local ones, of IPv6 those of global scope (linux net/ipv4/fib_trie.c, net/ipv6/addrconf.c).
function addresses(   n, a, seen, list) {
  while ((getline rest < where) > 0) {
    if (match(rest, /[0-9.]+$/)) a = substr(rest, RSTART)
    if (name == "ipv6" && rest ~ /^[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ 00 / && index(rest, " ") == 33) { a = substr(rest, 1, 32); gsub(/..../, "&:", a); sub(/:$/, "", a) }
    else if (rest !~ /32 host LOCAL/ || a ~ /^127\./) continue
    if (!(a in seen)) { seen[a] = 1; n++; list = list "address " a "\n" }
  }
  if (n <= 32) printf "%s", list
}

# --- What is known of a file ----------------------------------------------------------------------------------------
function record(   f, mode, i) {
  facts = (where in fact) ? fact[where] : ""; bytes = ""
  if (split(facts, f, " ") == 5) {
    for (i = 2; i <= 4; i++) mode = mode * 16 + index("123456789abcdef", substr(f[1], i, 1))
    bytes = f[4]; if (f[5] ~ /\./) sub(/\.?0+$/, "", f[5])
    if (state == "file" && f[1] !~ /^8/) state = "other"
    facts = sprintf("%o", mode) " " f[2] " " f[3] " " f[4] " " f[5]
  } else facts = "- - - - -"
  print "file " (role ~ /^(args|k3s)$/ ? "environment" : role) " " state " " facts " " link " " name
}
function contents(   n, i) {
  why = ""; size = lineno = 0; folder = name; sub(/\/[^\/]*$/, "", folder)
  kind = role == "kubeconfig" ? "kubeconfig" : role == "proxy-config" ? "proxy" : role == "k3s" ? "k3s" : "kubelet"
  # Without its size a file is not read: it may have no end.
  if (bytes == "" || bytes + 0 > (role ~ /^(client-ca|authority)$/ ? 262144 : 65536)) {
    if (role ~ /^(client-ca|authority|client-certificate|serving-certificate)$/) print "certificate " role " " name "\nproblem larger than is read"
    else print "withheld " (bytes == "" ? "its size is not known" : "larger than 65536 bytes")
    return
  }
  if (role == "args") { while (next_line()) snap_arguments() ; return }
  if (role == "service" || role == "environment") {
    section = given = ""; going = opaque = 0
    while (next_line()) { flags_in(); if (role == "service") unit_line() }
    # A line that goes on at the end of its file ends there (systemd, config_parse).
    if (role == "service" && going) { rest = ""; unit_line() }
    printf "%s", given
  }
  else if (role ~ /^(client-ca|authority|client-certificate|serving-certificate)$/) certificates(role, "")
  else {
    tree()
    if (why != "") { print "withheld " why; return }
    if (role == "k3s") { printf "%s%s", said, given; return }
    print "content"
    if (bytes != "0") { gsub(/\n/, "\n|", out); print "|" out }
    printf "%s", found
    if (kind == "kubeconfig") for (i in data) {
      n = i ~ /authority/ ? "authority" : "client-certificate"
      if (data[i] == "=") print "certificate " n " " name "\nproblem it embeds several, and which of them counts was not read"; else certificates(n, data[i])
    }
  }
}
# What Bottlerocket's API said.
function settings(   i, use) {
  why = bytes = ""; size = lineno = 0; kind = "bottlerocket"
  tree()
  if (why != "") { print "unread its settings could not be told without their secrets: " why; return }
  gsub(/\n/, "\n|", out); print "settings\n|" out
  for (i in data) {
    use = i ~ /cluster/ ? "client-ca" : "serving-certificate"; name = i ~ /cluster/ ? "/etc/kubernetes/pki/ca.crt" : "/etc/kubernetes/pki/kubelet-server.crt"
    certificates(use, data[i])
  }
}
BEGIN {
  load(); kind = ENVIRON["KIND"]
  if (ENVIRON["MODE"] == "arguments") { command_line(ENVIRON["HOST"]); printf "%s%s", found, given; exit }
  n = split(ENVIRON["FACTS"], lines, "\n")
  for (i = 1; i <= n; i++) if (match(lines[i], /^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /)) fact[substr(lines[i], RLENGTH + 1)] = substr(lines[i], 1, RLENGTH - 1)
  n = split(ENVIRON["ITEMS"], items, "\n")
  for (i = 1; i <= n; i++) {
    if (split(items[i], field, "\t") < 5) continue
    where = field[1]; role = field[2]; state = field[3]; link = field[4]; name = field[5]
    if (role == "addresses") { addresses(); continue }
    if (role == "settings") { settings(); continue }
    record()
    if (where ~ /^\/proc\/self\/fd\// && state == "file") contents()
    close(where)
  }
}
