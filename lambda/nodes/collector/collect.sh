#!/bin/sh
# shellcheck disable=SC2317 # filters are called by name
# kubevigil collector: reads what this node's kubelets run with and prints one line:
#
#   kubevigil/1 <bytes> <sha256> <base64 of gzip of the text>
#
# The text is described in lambda/nodes/answer/evidence.ts. It is read-only, writes no file, always exits 0 and says in
# "note" lines what it could not read. POSIX sh: dash, bash and busybox ash run it alike.
#
# KUBEVIGIL_ROOT=DIR reads another root directory (a fixture, a mounted disk); nothing below it is ever executed.
#
# What never leaves the node: private keys, tokens, kubeconfig *-data, staticPodURLHeader, --manifest-url-header,
# credentials in URLs, environment variables, comments. Files that may hold secrets pass through allow-lists.
set -u
exec 2>/dev/null
LC_ALL=C
PATH=${PATH:-}:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077

root=${KUBEVIGIL_ROOT:-}
root=${root%/}
# A file over this many bytes is not read: kubelet configurations are a few KiB.
largest=262144
# Of a process with more bytes of arguments none are read (Linux allows 2 MiB; real kubelets use about 1 KiB).
longest=131072
# The reader takes so many files of one process, arguments and other lines (lambda/nodes/answer/evidence.ts).
most_files=490 most_arguments=12000 most_lines=10000

# A hung mount or process must not hold the others up; not every image has timeout.
if command -v timeout >/dev/null; then
  bounded() { timeout 5 "$@"; }
else
  bounded() { "$@"; }
fi

note() { printf 'note %s\n' "$1"; }

# Lists are split at line breaks, which the names in them cannot have: values stay whole whatever spaces they hold.
nl='
'
soh=$(printf '\001')
words=$IFS
by_lines() { IFS=$nl; set -f; }
by_words() { IFS=$words; set +f; }

for tool in stat gzip openssl sed grep readlink base64; do
  command -v "$tool" >/dev/null || missing="${missing:-}$tool "
done

# Finds where path $1 below the root $2 is on this machine: $placed. An absolute link of another root, or of a
# container, leads to a file below that root and not to this machine's own (path_resolution(7)).
place() {
  placed=$2$1
  [ -n "$2" ] || return 0
  placed='' rest=$1 links=0 steps=0
  while [ -n "$rest" ]; do
    # Links of a container's may lead through thousands of names, each of which is looked at.
    [ $((steps += 1)) -le 512 ] || { placed=/dev/null/long; return; }
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest='' ;; esac
    case $part in '' | .) continue ;; ..) placed=${placed%/*}; continue ;; esac
    if [ -L "$2$placed/$part" ]; then
      target=$(readlink "$2$placed/$part")
      # Linux follows 40 links; nothing is below a file.
      if [ -z "$target" ] || [ $((links += 1)) -gt 40 ]; then placed=/dev/null/$part; return; fi
      case $target in /*) placed='' ;; esac
      rest=$target${rest:+"/$rest"}
    else
      placed=$placed/$part
    fi
  done
  placed=$2$placed
}

# Reads the facts of many files with one call, as describe wants them: "mode uid gid size mtime path", a line each.
known=$nl
remember() {
  [ $# -gt 0 ] || return 0
  known="$known$(stat -L -c '%a %u %g %s %Y %n' "$@")$nl"
}

# Prints a record of one file: role, state, mode, uid, gid, size, mtime, link or -, path. $1 role, $2 path, $3 prefix.
# Leaves in $placed where it is.
describe() {
  facts=''
  if [ $((told += 1)) -gt "$most_files" ]; then
    [ "$told" -gt $((most_files + 1)) ] || note "process $pid names more than $most_files files; the others were left out"
    return 1
  fi
  case $2 in *"$nl"*) note "a path with a line break was left out ($1)"; return 1 ;; esac
  place "${2%/*}" "$3"
  link='-'
  [ -L "$placed/${2##*/}" ] && link='link'
  place "$2" "$3"
  if [ -f "$placed" ]; then
    state='file'
    [ -r "$placed" ] || state='unreadable'
  elif [ -d "$placed" ]; then
    state='directory'
  elif [ -e "$placed" ]; then
    state='other'
  else
    state='missing'
    # Nothing is known of a root that cannot be seen.
    [ "$3" = /dev/null ] && state='unreadable'
    # Without the right to enter the directory a file only looks missing.
    up=${placed%/*}
    while [ -n "$up" ] && [ ! -e "$up" ]; do up=${up%/*}; done
    [ -n "$up" ] && [ -d "$up" ] && [ ! -x "$up" ] && state=unreadable
  fi
  if [ "$state" != missing ]; then
    case $known in *" $placed$nl"*) facts=${known%%" $placed$nl"*}; facts=${facts##*"$nl"} ;; esac
    # A name with spaces may look like two: then, and where nothing is known, this file is asked for alone.
    case $facts in '' | *[!0-9\ ]*) facts=$(stat -L -c '%a %u %g %s %Y' "$placed") || facts='' ;; esac
  fi
  printf 'file %s %s %s %s %s\n' "$1" "$state" "${facts:-- - - - -}" "$link" "$2"
  [ "$state" = file ]
}

# Reads a regular file that is small enough into $text; $1 where it is, as it was described just before. Sets $why and
# fails otherwise.
slurp() {
  text=''
  [ -f "$1" ] || { why='not a regular file'; return 1; }
  size=${facts#* * * }
  size=${size%% *}
  [ "${size:-0}" -le "$largest" ] || { why="larger than $largest bytes"; return 1; }
  text=$(bounded head -c "$((largest + 1))" "$1" && echo .) || { text=''; why='could not be read'; return 1; }
  text=${text%.}
  [ ${#text} -le "$largest" ] || { text=''; why="larger than $largest bytes"; return 1; }
  # A shell's variable holds no NUL: what has one would look like something else.
  [ -z "$size" ] || [ ${#text} -eq "$size" ] || { text=''; why='it holds NUL bytes or changed while it was read'; return 1; }
}

# The secret of a kubelet's configuration: keys are matched in any case.
header='[sS][tT][aA][tT][iI][cC][pP][oO][dD][uU][rR][lL][hH][eE][aA][dD][eE][rR]'

# Takes the values of staticPodURLHeader out of $text; fails where that cannot be done safely.
drop_headers() {
  # What an alias stands for is written elsewhere.
  case $text in *[[:space:]\[\{,:][\&\*][A-Za-z0-9_-]* | *'<<'*) return 1 ;; esac
  case ${text#"${text%%[![:space:]]*}"} in
    '{'*)
      # JSON: line breaks mean nothing, strings are matched whole so that a brace inside one does not end the map. Single
      # quotes and comments are YAML's.
      case $text in *[\'\#]*) return 1 ;; esac
      # A text without quotes may hold some, which would begin strings where none are.
      printf '%s' "$text" | tr '\n\r' '  ' | bounded sed -E 's/"([^"\\]|\\.)*"/@/g' |
        grep -qxE '([][{}, 	]|@[ 	]*[]:,}]|(true|false|null|-?[0-9][0-9.eE+-]*)[ 	]*[],}])*' || return 1
      text=$(printf '%s' "$text" | tr '\n\r' '  ' |
        bounded sed -E 's/("'"$header"'"[[:space:]]*:[[:space:]]*)\{("([^"\\]|\\.)*"|[^]["{}]|\[("([^"\\]|\\.)*"|[^]["{}])*\])*\}/\1{}/g')
      left=$(printf '%s' "$text" | sed -E 's/"'"$header"'"[[:space:]]*:[[:space:]]*(\{\}|null)//g')
      # shellcheck disable=SC2254 # the name is a pattern
      case $left in *$header*) return 1 ;; esac ;;
    *)
      text=$(printf '%s\n' "$text" | drop_block && echo .) || return 1
      text=${text%.} ;;
  esac
}

# The same for YAML on standard input. Below the key only names and lists of values that end on their own line are known:
# of everything else, where it ends is for a parser to say.
drop_block() {
  below=''
  while IFS= read -r line; do
    rest=${line#"${line%%[! ]*}"}
    indent=${line%"$rest"}
    rest=${rest%"${rest##*[![:space:]]}"}
    case $below in ?*)
      case $rest in '' | '#'*) continue ;; esac
      if [ ${#indent} -ge ${#below} ]; then
        case $rest in
          '- '*) whole_value "${rest#- }" || exit 1 ;;
          *:) plain_name "${rest%:}" || exit 1 ;;
          *:\ \[*\]) plain_name "${rest%%:*}" && whole_list "${rest#*: }" || exit 1 ;;
          *) exit 1 ;;
        esac
        continue
      fi
      case $rest in
        '- '*) [ ${#indent} -ge $((${#below} - 1)) ] && whole_value "${rest#- }" && continue; exit 1 ;;
        [A-Za-z]*:* | \"[A-Za-z]*\":*) below='' ;;
        *) exit 1 ;;
      esac ;;
    esac
    # shellcheck disable=SC2254 # the name is a pattern
    case $rest in
      *$header*)
        case $rest in
          $header: | \"$header\":) below="$indent." ;;
          $header:\ '{}' | $header:\ null) ;;
          *) exit 1 ;;
        esac
        line="${indent}staticPodURLHeader: {}" ;;
    esac
    printf '%s\n' "$line"
  done
}

# True for one plain word, quoted or not.
plain_name() {
  set -- "${1#[\"\']}"
  set -- "${1%[\"\']}"
  case $1 in '' | *[!A-Za-z0-9_-]*) return 1 ;; esac
}

# True for a value that cannot go on in the next line: a quoted string that is closed, or a plain scalar.
whole_value() {
  case $1 in
    \"*\") set -- "${1#\"}"; case ${1%\"} in *[\"\\]*) return 1 ;; esac ;;
    \'*\') set -- "${1#\'}"; case ${1%\'} in *\'*) return 1 ;; esac ;;
    *:\ * | *:) return 1 ;;
    [A-Za-z0-9]*) ;;
    *) return 1 ;;
  esac
}

# True for a list in brackets that holds no other, no comment and no escape, and closes what it quotes. What is not quoted
# may hold quotes, which are none.
whole_list() {
  [ ${#1} -le 2048 ] || return 1
  set -- "${1#?}"
  set -- "${1%?}"
  case $1 in *[]\[\{\}\#\\]*) return 1 ;; esac
  while [ -n "$1" ]; do
    set -- "${1#"${1%%[! ]*}"}"
    case $1 in
      \"*\"*) set -- "${1#?}"; set -- "${1#*\"}" ;;
      \'*\'*) set -- "${1#?}"; set -- "${1#*\'}" ;;
      *) case ${1%%,*} in *[\"\']*) return 1 ;; esac; set -- "${1#"${1%%,*}"}" ;;
    esac
    set -- "${1#"${1%%[! ]*}"}"
    case $1 in '') ;; ,*) set -- "${1#,}" ;; *) return 1 ;; esac
  done
}

# Replaces in addresses what may be a credential: user:password@ and the query, which ends with its string or, where no
# string begins with the address, where one of YAML may. For sed -E.
scheme='[A-Za-z][A-Za-z0-9+.-]*://'
addresses='s%(://)([^/[:space:]"\\]|\\.)*@%\1REDACTED@%g
s%("'$scheme'[^"?#]*[?#])(\\.|[^"\\])+%\1REDACTED%g
s%('"'${scheme}[^'?#]*[?#])[^']+"'%\1REDACTED%g
s%^([[:space:]]*(-[[:space:]]+)?(("[^"]*"|[^][:space:]"{},['"'"']+|'"'[^']*'"')[[:space:]]*:[[:space:]]+)?(&[^[:space:]]+[[:space:]]+)?'$scheme'[^[:space:]"?#]*[?#])[^[:space:]]+%\1REDACTED%
s%(://(REDACTED@)?(\[[^]]*])?[^][:space:]"?#{}'"'"']*[?#])[^][:space:]"}'"'"']*[^][:space:]"},'"'"']%\1REDACTED%g'
# Empties comments, so that lines keep their numbers. One behind a value begins after a space outside of quotes.
comments='s/^[[:space:]]*#.*/#/
/[[:space:]]#/s/^(("([^"\\]|\\.)*"|'"'[^']*'|[^[:space:]\"'#][\"'#]|[^\"'#]"')*)[[:space:]]#.*/\1 #/'

# True where $text has a key that speaks of a secret and whose value may be one. No key of a kubelet's does, but gates and
# configMapAndSecretChangeDetectionStrategy. A key may end its line before the colon.
names_secrets() {
  case $text in
    *[tT][oO][kK][eE][nN]* | *[pP][aA][sS][sS][wWpP\"\':[:space:]]* | *[pP][wW][dD]* | *[sS][eE][cC][rR][eE][tT]*) ;;
    *[cC][rR][eE][dD][eE][nN][tT][iI][aA][lL]* | *[A-Za-z0-9_-][kK][eE][yY][\"\':[:space:]sS_dD-]* | \
      *[A-Za-z0-9]\ [kK][eE][yY][\"\':[:space:]sS_dD-]*) ;;
    *) return 1 ;;
  esac
  # Long lines take grep the square of their length.
  [ ${#text} -le 65536 ] || return 0
  printf '%s\n' "$text" | bounded sed -E -e "$comments" | tr '\n\r\t' '\001  ' | tr -s ' \001' |
    sed -E "s/ ?#?$soh/$soh/g" | tr -s '\001' | sed -E -e "s/$soh ?:/:/g" | tr '\001' '\n' |
    grep -oiE -e '^[[:space:]]*[?"'\''][^:]*(token|passw|secret)[^:,]*$' \
      -e '((token|passw|passphrase|secret)[^]["'\''{},:]*|pass|pwd|([A-Za-z0-9_-]|[A-Za-z0-9] )key([_-]?data)?s?|credentials?)(["'\''][[:space:]]*:[^,}]*|[[:space:]]*:([[:space:]][^,}]*|$))' |
    grep -qviE '^[^:]*:[[:space:]]*["'\'']?(true|false|null|watch|cache|get)["'\'']?[[:space:]]*(#.*)?$'
}

# True where $text is one configuration of a kubelet and nothing beside it.
is_configuration() {
  case $text in *'#!'*) return 1 ;; esac
  outer=$(printf '%s\n' "$text" | bounded grep -vE '^[[:space:]]*(#.*)?$')
  outer=${outer#---"$nl"}
  case $outer in
    '{'*)
      before='"' lines='^([[:space:]]|[]}"]|[{].*[}][[:space:]]*$|[{][[:space:]]*$)'
      # In a list of objects each has one.
      case ${text#*'"kind"'} in *'"kind"'*) return 1 ;; esac ;;
    *) before='^["'\'']?' lines='^([[:space:]]|[]}]|- |["'\'']?[A-Za-z0-9]+["'\'']?:([[:space:]]|$))' ;;
  esac
  # Of JSON each value is a line that begins with a brace.
  [ "$(printf '%s\n' "$outer" | grep -c '^{')" -le 1 ] || return 1
  printf '%s\n' "$outer" | grep -qvE "$lines" && return 1
  printf '%s\n' "$outer" | grep -qE "${before}apiVersion[\"']?:[[:space:]]*[\"']?kubelet[.]config[.]k8s[.]io/" &&
    printf '%s\n' "$outer" | grep -qE "${before}kind[\"']?:[[:space:]]*[\"']?KubeletConfiguration"
}

# Prints the content of a configuration file. $1 where it is, $2 the mark that tells it is one ('' = any).
print_config() {
  slurp "$1" || { printf 'withheld %s\n' "$why"; return; }
  if [ -n "$text" ]; then
    case $text in *"$2"*) ;; *) printf 'withheld it does not mention %s\n' "$2"; return ;; esac
    # Some versions take drop-ins that do not say what they are; kubeconfigs may lie beside them, as *.conf too.
    case $text in *kubelet.config.k8s.io*) ;; *auth-provider* | *client-key* | *token:* | *'token"'* | *[pP]assword* | *[sS]ecret*)
      echo 'withheld it does not mention kubelet.config.k8s.io and may hold credentials'; return ;;
    esac
    # Of the same group, with arguments and environments of plugins.
    case $text in *CredentialProviderConfig*) echo 'withheld it is a CredentialProviderConfig'; return ;; esac
    # A process that anybody may start may name any file: a script, a history or a manifest may mention a configuration.
    case $expected_mark in ?*) is_configuration || { echo "withheld it is not a kubelet's configuration alone"; return; } ;; esac
    # The second is the beginning of a key or a certificate as base64 holds it.
    case $text in *PRIVATE* | *LS0tLS1CRUdJTi*) echo 'withheld it holds a private key'; return ;; esac
    # A parser reads \x70 and \u0070 as a letter, \x3a and \u003a as a sign of an address, and goes on in the next line
    # behind a backslash: nothing that is looked for here would be found.
    case $text in
      *\\x[4-7]* | *\\u00[4-7]* | *\\U000000[4-7]* | *'\/'* | *\\[[:cntrl:]]* | \
        *\\x2[3fF]* | *\\u002[3fF]* | *\\U0000002[3fF]* | *\\x3[aAfF]* | *\\u003[aAfF]* | *\\U0000003[aAfF]*)
        echo 'withheld it has characters written as escapes'; return ;;
    esac
    # A name may be written as base64 behind a tag.
    case $text in !* | *[[:space:]\[\{,:]![!\<A-Za-z]*) echo 'withheld it has YAML tags'; return ;; esac
    # shellcheck disable=SC2254 # the name is a pattern
    case $text in *$header*)
      drop_headers || { echo 'withheld it has a staticPodURLHeader in a form that cannot be taken out safely'; return; } ;;
    esac
    # Headers have names of this kind, and are gone by now.
    if names_secrets; then echo 'withheld it has a key whose name speaks of a secret'; return; fi
  fi
  print_text
}

# Prints $text as content lines, each behind a bar, without comments and credentials in addresses.
print_text() {
  echo content
  case ${#text} in
    0) ;;
    ? | ?? | ??? | ????) printf '%s\n' "${text%"$nl"}" | clean sed ;;
    # Long lines take sed the square of their length.
    *) printf '%s\n' "${text%"$nl"}" | clean bounded sed ;;
  esac
}
clean() { "$@" -E -e "$comments" -e "$addresses" -e 's/^/|/'; }

# Passes on the lines of block style without what only looks like a line of the structure: what stands below keys that only
# plugins read, and the further lines of block scalars, of quoted values and of brackets. Fails where that takes a parser.
outer_lines() {
  within='' open=''
  while IFS= read -r line; do
    # Long lines take a shell the square of their length.
    [ ${#line} -le 16384 ] || exit 1
    rest=${line#"${line%%[! ]*}"}
    indent=${line%"$rest"}
    rest=${rest%"${rest##*[![:space:]]}"}
    case $within in ?*)
      case $rest in '') continue ;; '- '*) [ ${#indent} -ge $((${#within} - 1)) ] && { passes "$rest" || exit 1; continue; } ;; esac
      [ ${#indent} -lt ${#within} ] || { passes "$rest" || exit 1; continue; }
      # Quotes and brackets may be closed further out than they were opened.
      [ -z "$open" ] || exit 1
      within='' ;;
    esac
    case $rest in *[[:cntrl:]]* | '?' | '? '*) exit 1 ;; '#'*) continue ;; esac
    entry=${rest#- }
    entry=${entry#"${entry%%[! ]*}"}
    case $entry in '- '*) exit 1 ;; esac
    key=${entry%%:*}
    value=${entry#"$key"}
    case $key in \"*\" | \'*\') ;; *[\"\']*) key='' ;; esac
    case $value in ':' | ': '*) ;; *) key='' ;; esac
    case $key in *\\*) exit 1 ;; esac
    # What is no key is a text, which may go on in lines that stand further in.
    plain_name "$key" || { within="$indent."; passes "$rest" || exit 1; continue; }
    # The key of a list's first entry stands further in than its dash.
    indent=$indent${rest%"$entry"}
    value=${value#:}
    value=${value#"${value%%[! ]*}"}
    case $value in
      '' | '{}' | '[]') ;;
      [\"\']*) whole_value "$value" || { within="$indent."; opens "$value"; } ;;
      [\[\{]*)
        case $key in *users* | *user* | *contexts* | *context* | *exec*) exit 1 ;; esac
        within="$indent."
        opens "$value" ;;
      [\!\&%@]*) within="$indent."; opens "$value" ;;
    esac
    case $rest in *:*[\|\>]* | *auth-provider*:* | *env*:* | *args*:* | *extensions*:*) within="$indent." ;; esac
    printf '%s\n' "$line"
  done
}

# Keeps in $open what must still close the quotes or brackets that the value $1 opens, or that were open before it. Only a
# parser knows where brackets of many lines end.
opens() {
  case $open in '')
    case $1 in
      \"*) open=\" ;;
      \'*) open=\' ;;
      *) passes "$1" || open=']'; return ;;
    esac
    set -- "${1#?}" ;;
  esac
  case $open$1 in
    \"\" | \"*[!\\]\" | \"*[!\\]\"\ *\#* | \'\' | \'*[!\']\' | \'*[!\']\'\ *\#*) open='' ;;
  esac
}

# True for a line $1 of what is left out that surely opens nothing which goes on in the next line, or is in quotes that the
# value before opened.
passes() {
  case $open in ?*) opens "$1"; return 0 ;; esac
  case $1 in *[\"\'\[\{]*) ;; *) return 0 ;; esac
  set -- "${1#- }"
  set -- "${1#"${1%%[![:space:]]*}"}"
  case $1 in [\!\&?]* | '- '*) return 1 ;; esac
  case $1 in
    \"*\":[[:space:]]*) set -- "${1#\"*\":[[:space:]]}" ;;
    \'*\':[[:space:]]*) set -- "${1#\'*\':[[:space:]]}" ;;
    [!\"\'\[\{]*:[[:space:]]*) set -- "${1#*:[[:space:]]}" ;;
  esac
  set -- "${1#"${1%%[![:space:]]*}"}"
  case $1 in
    [\!\&]*) return 1 ;;
    \"*\"[[:space:]]*\#*) whole_value "${1%%\"[[:space:]]*\#*}\"" ;;
    \'*\'[[:space:]]*\#*) whole_value "${1%%\'[[:space:]]*\#*}'" ;;
    [\"\']*) whole_value "$1" ;;
    \[\{*\}\]) case $1 in \[\{*[]\[\{\}\"\'\#\\]*\}\]) return 1 ;; esac ;;
    \[*\] | \{*\}) whole_list "$1" ;;
    [\[\{]*) return 1 ;;
  esac
}

# Values of a kubeconfig that may leave the node, where they are plain.
hidden='token|client-certificate-data|client-key-data|password|username|auth-provider'
public='current-context|name|user|cluster|command|client-certificate|tokenFile'

# Passes on JSON with every text redacted but keys and public values; fails where it is anything else than JSON. What only
# plugins read is emptied: no text that is left holds a bracket.
json_shape() {
  inner='[^][{}]*'
  for _ in 1 2 3 4; do inner="([^][{}]|[[{]${inner}[]}])*"; done
  result=$(tr '\n\r\t' '   ' | bounded sed -n -E \
    -e 's/("('"$public"')" *: *"[A-Za-z0-9_.:@\/+-]+")|("[A-Za-z0-9_.\/-]+" *:( *"")?)|"([^"\\]|\\.)*"/\1\3/g' \
    -e 's%(://)[^/"]*@%\1REDACTED@%g' -e 's/: *([],}])/:"REDACTED"\1/g' -e 's/: *-?[0-9][0-9.eE+-]* *([],}])/:0\1/g' -e 's/\[[ ,]+\]/[]/g' -e 's/ +$//' \
    -e 's/("(auth-provider|extensions|args|env)" *: *)[[{]'"$inner"'[]}]/\1[]/g' \
    -e '/"(auth-provider|extensions|args|env)" *: *[[{] *[^] ]/d' \
    -e '/^([][ ,{}]|"[^"]*" *[]:,}]|:|0 *[],}]|(true|false|null) *[],}])*$/p')
  [ -n "$result" ] && printf '%s\n' "$result"
}

# Prints a kubeconfig's shape: structure and allow-listed values; of everything else only that the key is there. Leaves in
# $shape what names its certificates. Aliases are not followed. The reader knows by the first line what follows.
print_kubeconfig() {
  slurp "$1" || { printf 'withheld %s\n' "$why"; return; }
  # What is cut out of long texts takes a shell the square of their length.
  [ ${#text} -le 65536 ] || { echo 'withheld larger than 65536 bytes'; return; }
  style=block
  shape=$text
  # What stands behind the mark of a document is a text, or goes on in lines that look like structure.
  case $nl$text in *"$nl--- "[!\#]*) style=other; shape='' ;; esac
  case ${text#"${text%%[![:space:]]*}"} in
    '{'*) style=json; shape=$(printf '%s' "$text" | json_shape) || style=other ;;
    *)
      # client-go reads the first document alone.
      case $shape in *"$nl---"* | *"$nl..."*)
        shape=$(printf '%s\n' "$shape" | sed -n -E -e '/^(---|\.\.\.)/{x;/./q;x;d;}' -e '/^[^#%]/h' -e p) ;;
      esac
      # Without any of these every line is a key and its value. Nearly all have the empty preferences.
      case ${shape%%'preferences: {}'*}${shape#*'preferences: {}'} in
        *[\|\>\"\'\[\{\!\&%@?]* | *auth-provider* | *env* | *args* | *extensions* | *'- - '*)
          shape=$(printf '%s\n' "$shape" | outer_lines) || style=other ;;
      esac
      case $shape in *[\&\*]* | *'<<'*)
        printf '%s\n' "$shape" | grep -qE '(:|-)[[:space:]]+[*&]|<<:' && style="alias" ;;
      esac ;;
  esac
  printf '|style: %s\n' "$style"
  case $style in
    json) printf '|%s\n' "$shape" ;;
    block)
      printf '%s\n' "$shape" | sed -n -E -e 's%(://)[^/[:space:]"]*@%\1REDACTED@%g' \
        -e 's/^([[:space:]]*)["'\'']?(users|contexts|clusters|user|context|cluster|exec|env|args|extensions|preferences|config)["'\'']?[[:space:]]*:[[:space:]]*(#.*)?$/|\1\2:/p' \
        -e 's/^([[:space:]]*-[[:space:]]+)["'\'']?(user|context|cluster)["'\'']?[[:space:]]*:[[:space:]]*(#.*)?$/|\1\2:/p' \
        -e 's/^([[:space:]]*(-[[:space:]]+)?)["'\'']?('"$public"')["'\'']?[[:space:]]*:[[:space:]]+["'\'']?([A-Za-z0-9_.:@\/+-]+)["'\'']?[[:space:]]*(#.*)?$/|\1\3: "\4"/p' \
        -e 's/^([[:space:]]*(-[[:space:]]+)?)["'\'']?('"$hidden|$public"')["'\'']?[[:space:]]*:[[:space:]]+(""|'"''"'|null|~)[[:space:]]*(#.*)?$/|\1\3: ""/p;t' \
        -e 's/^([[:space:]]*(-[[:space:]]+)?)["'\'']?('"$hidden|$public"')["'\'']?[[:space:]]*:([[:space:]].*)?$/|\1\3: REDACTED/p' ;;
    *) shape='' ;;
  esac
}

# Prints the public facts of the first certificate in $1, which is below the prefix $2. A key beside it stays in a pipe.
print_certificate() {
  place "$1" "$2"
  [ -f "$placed" ] && [ -r "$placed" ] || return
  printf 'certificate %s\n' "$1"
  bounded head -c "$largest" "$placed" | print_facts
}

# Prints the public facts of the first certificate on standard input or, where openssl is missing, its block alone.
print_facts() {
  if command -v openssl >/dev/null; then
    facts=$(openssl x509 -noout -subject -issuer -serial -dates -fingerprint -sha256 -nameopt RFC2253)
  else
    facts=$(sed -n -E '/^-----BEGIN CERTIFICATE-----[[:space:]]*$/,/-----END/{/^-----(BEGIN|END) CERTIFICATE-----[[:space:]]*$/p;/-----END|[^A-Z]PRIVATE|[^-]-----BEGIN/q;/^-----BEGIN [^C]/q;/^[A-Za-z0-9+\/=]+[[:space:]]*$/p;}')
  fi
  [ -n "$facts" ] || { echo 'problem no certificate in it'; return; }
  by_lines
  for line in $facts; do printf '|%s\n' "$line"; done
  by_words
}

# Reads the lines of unit and environment files, which were not read before, that name flags or environment files. $@ paths
# with prefix.
flags='anonymous-auth|authentication-token-webhook|authorization-mode|bootstrap-kubeconfig|cert-dir|client-ca-file|config|config-dir|event-qps|feature-gates|hostname-override|kubeconfig|make-iptables-util-chains|pod-max-pids|protect-kernel-defaults|read-only-port|rotate-certificates|rotate-server-certificates|seccomp-default|streaming-connection-idle-timeout|tls-cert-file|tls-cipher-suites|tls-min-version|tls-private-key-file'
searched=$nl matches=''
search_flags() {
  [ $# -gt 0 ] || return 0
  by_words
  for file in "$@"; do searched="$searched$file$nl"; done
  remember "$@"
  # Flags are written with - or _, and end where no letter of a name follows.
  pattern=
  rest=$flags-
  while [ -n "$rest" ]; do pattern="$pattern${rest%%-*}[-_]"; rest=${rest#*-}; done
  # What was a file may have become a pipe.
  case $deadline in '') limited='' ;; *) limited=bounded ;; esac
  matches="$matches$nl$($limited grep -m 50 -HnoE -e "--(${pattern%"[-_]"})([^A-Za-z0-9_-]|\$)" -e '^[[:space:]]*EnvironmentFile=.*' "$@")"
}

# Prints the file records, the flags written in each, and collects the environment files they name in $environment.
# $1 role, $2 prefix, then paths.
describe_services() {
  role=$1 under=$2
  shift 2
  [ $# -gt 0 ] || return 0
  new=''
  # With the units the environment files that those of kubeadm and EKS name, so that they need no calls of their own.
  for file in "$@" /var/lib/kubelet/kubeadm-flags.env /etc/default/kubelet /etc/eks/kubelet/environment; do
    place "$file" "$under"
    case $searched$new in *"$nl$placed$nl"*) ;; *) [ -f "$placed" ] && new="$new$placed$nl" ;; esac
  done
  by_lines
  # shellcheck disable=SC2086 # one word a line
  search_flags $new
  by_words
  for file in "$@"; do
    describe "$role" "$file" "$under" || continue
    by_lines
    for match in $matches; do
      case $match in "$placed":*) match=${match#"$placed":} ;; *) continue ;; esac
      number=${match%%:*}
      match=${match#*:}
      case $number in '' | *[!0-9]*) continue ;; esac
      case $match in
        --*) match=${match#--}; printf 'flag %s %s\n' "$number" "${match%%[!A-Za-z_-]*}" ;;
        *EnvironmentFile=*)
          match=${match#*=}
          match=${match#-}
          match=${match#\"}
          match=${match%%\"*}
          case $environment in *"$nl$match$nl"*) ;; *) environment="$environment$match$nl" ;; esac ;;
      esac
    done
    by_words
  done
}

# The unit and its drop-ins, in systemd's search path (systemd.unit(5)). $1 unit, $2 prefix.
print_service() {
  late && return
  unit=$1 under=$2
  set --
  for directory in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    # Where /lib is a link to /usr/lib the same files would be listed twice.
    [ "$directory" = /lib/systemd/system ] && [ -L "$under/lib" ] && continue
    place "$directory/$unit" "$under"
    [ -f "$placed" ] && set -- "$@" "$directory/$unit"
    place "$directory/$unit.d" "$under"
    for file in "$placed"/*.conf; do
      [ $# -lt 100 ] || { note "$unit has more than 100 files; the others were left out"; break 2; }
      file=$directory/$unit.d/${file##*/}
      place "$file" "$under"
      [ -f "$placed" ] && set -- "$@" "$file"
    done
  done
  environment=$nl
  describe_services service "$under" "$@"
  set --
  by_lines
  for file in $environment; do
    case $file in /*) place "$file" "$under"; [ -f "$placed" ] && [ $# -lt 10 ] && set -- "$@" "$file" ;; esac
  done
  by_words
  describe_services environment "$under" "$@"
}

walk() { bounded find "$start" -name '*.conf' ! -type d && echo /; }

# Prints every *.conf below a --config-dir, as the kubelet walks it: links to files count, links to directories do not.
# A directory that could not be walked to its end is unreadable, because a file that was missed may say the contrary.
print_drop_ins() {
  # A directory that is itself a link is not walked (Go, filepath.WalkDir).
  place "${1%/*}" "$2"
  start=$placed/${1##*/}
  place "$1" "$2"
  if [ -d "$placed" ]; then
    # Of somebody's directory with very many files the first tell enough.
    case $deadline in '') found=$(walk) ;; *) found=$(walk | head -n 102) ;; esac
    # The walk ends with a line that is no name of a file, and may have none before it.
    case $found in / | *"$nl/") walked=yes ;; *) walked='' ;; esac
    if [ -z "$walked" ] || [ ! -r "$placed" ] || [ ! -x "$placed" ]; then
      printf 'dir unreadable %s\n' "$1"
      return
    fi
  elif [ -e "$placed" ]; then printf 'dir other %s\n' "$1"; return
  else printf 'dir missing %s\n' "$1"; return
  fi
  found=${found%/}
  found=${found%"$nl"}
  by_lines
  case $found in *"$nl"*) found=$(printf '%s\n' "$found" | sort) ;; esac
  # shellcheck disable=SC2086 # one word a line
  set -- "$1" "$2" "$3" $found
  by_words
  [ $# -le 103 ] || { note "$1 has $(($# - 3)) drop-ins; at most 100 are read"; printf 'dir unreadable %s\n' "$1"; return; }
  [ $((told + $#)) -le "$most_files" ] || { note "the drop-ins in $1 of process $pid were left out: it names too many files"; printf 'dir unreadable %s\n' "$1"; return; }
  printf 'dir directory %s\n' "$1"
  directory=$1 under=$2 expected=$3
  shift 3
  # Only kubelets of 1.29 take files that do not say what they are; a directory may hold all kinds of them.
  case $version in '' | v1.29.*) ;; *) expected=kubelet.config.k8s.io ;; esac
  remember "$@"
  for file in "$@"; do
    describe drop-in "$directory${file#"$start"}" "$under" || continue
    if late; then echo 'withheld reading it would have taken too long'; else print_config "$placed" "$expected"; fi
  done
}

# Makes a path absolute in $full as the kubelet does: by its working directory, dots taken out by name (Go, filepath.Abs).
absolute() {
  case $1 in
    /*) full=$1 ;;
    *)
      [ -n "$cwd" ] || { note "$1 of process $pid was not read: its working directory is not known"; return 1; }
      full=${cwd%/}/$1 ;;
  esac
  [ ${#full} -le 4096 ] || { note "a path of ${#full} bytes was left out: Linux takes 4096"; return 1; }
  case $full in */../* | */./*)
    full=$(printf '%s\n' "$full" | sed -e :a -e 's#/\./#/#' -e 's#^/\.\./#/#' -e 's#/[^/][^/]*/\.\./#/#' -e ta) ;;
  esac
}

# A flag that speaks of a secret.
secret='--?[A-Za-z0-9_.-]*([hH][eE][aA][dD][eE][rR]|[tT][oO][kK][eE][nN]|[pP][aA][sS][sS]([wW][oO][rR][dD]|[wW][dD]|[pP][hH][rR][aA][sS][eE])?|[pP][wW][dD]|[sS][eE][cC][rR][eE][tT]|[kK][eE][yY]|[cC][rR][eE][dD][eE][nN][tT][iI][aA][lL])[sS]?'

# Puts a sign before each of $arguments, so that an empty one is a line too, and replaces secret values. The kubelet's
# manifest URL header wants a colon. Usual arguments need neither, and no process.
guard_arguments() {
  case $nl$arguments in
    *"$nl$nl"* | *"$nl="* | *://*[@?#]* | *[hH][eE][aA][dD][eE][rR]* | *[tT][oO][kK][eE][nN]* | *[pP][aA][sS][sS]* | *[sS][eE][cC][rR][eE][tT]*) ;;
    *[pP][wW][dD]* | *[kK][eE][yY][sS=[:space:]]* | *[cC][rR][eE][dD][eE][nN][tT][iI][aA][lL][sS=[:space:]]*) ;;
    *) return ;;
  esac
  # What follows such a flag is its value, but where that is such a flag too, what follows it may be as well. The query of
  # an address ends with the argument.
  arguments=$(printf '%s' "$arguments" | sed -E -e 's%(://)[^/]*@%\1REDACTED@%g' -e 's%(://[^?#]*[?#]).+%\1REDACTED%' -e ':next' \
    -e "/^$secret\$/{s/^/=/;n;/^$secret\$/bnext" -e 's/.*/REDACTED:REDACTED/;}' \
    -e "s/^($secret)[=[:space:]].*/\\1=REDACTED:REDACTED/" \
    -e 's/^/=/')
}

# Prints everything about one process whose arguments are in $arguments, a line each. $1 prefix of its files, $2 mark
# that its drop-ins must have ('' where the process is root's own).
print_kubelet() {
  prefix=$1 expected_mark=$2
  # Only kubelets of 1.28 and 1.29 look at it, and only with a directory of drop-ins.
  case ${version:-v1.28.}$arguments in v1.2[89].*--config[-_]dir*)
    bounded grep -qz '^KUBELET_CONFIG_DROPIN_DIR_ALPHA=' "$process/environ" && echo dropin-env ;;
  esac
  certificates=/var/lib/kubelet/pki cert_dir=''
  wanted=$nl asked=$nl previous='' wanted_files=0
  guard_arguments
  by_lines
  for argument in $arguments; do
    argument=${argument#=}
    printf 'arg %s\n' "$argument"
    case $argument in --*=*) want "${argument%%=*}" "${argument#*=}" ;; esac
    # The value may be the next argument. Which form counts is decided where the configuration is derived.
    case $previous in --*=*) ;; --*) want "$previous" "$argument" ;; esac
    previous=$argument
  done
  [ -z "$cert_dir" ] || { absolute "$cert_dir" && certificates=$full; }
  set --
  for argument in $wanted; do
    place "${argument#* }" "$prefix"
    set -- "$@" "$placed"
  done
  [ "$wanted_files" -gt 50 ] && note "process $pid names $wanted_files files; the first 50 are read"
  # The CA that most configurations name, so that it needs no call of its own.
  remember "$@" "$prefix/etc/kubernetes/pki/ca.crt"
  # shellcheck disable=SC2086 # one word a line
  set -- $wanted
  by_words
  for argument in "$@"; do late || read_wanted "${argument%% *}" "${argument#* }"; done
  print_certificate "$certificates/kubelet-client-current.pem" "$prefix"
}

# Adds the file that one argument names to $wanted, each once. $1 flag, $2 value.
want() {
  [ -n "$2" ] || return 0
  case $1 in
    --config | --kubeconfig) ;;
    --config[-_]dir | --bootstrap[-_]kubeconfig | --cert[-_]dir | --client[-_]ca[-_]file) ;;
    *) return 0 ;;
  esac
  case $1 in --cert[-_]dir) cert_dir=$2; return 0 ;; esac
  # To make one absolute may take a process.
  case $asked in *"$nl$1 $2$nl"*) return 0 ;; esac
  [ $((wanted_files += 1)) -le 50 ] || return 0
  asked="$asked$1 $2$nl"
  absolute "$2" || return 0
  case $wanted in *"$nl$1 $full$nl"*) return 0 ;; esac
  wanted="$wanted$1 $full$nl"
}

# $1 flag, $2 absolute path.
read_wanted() {
  case $1 in
    --config)
      text=''
      describe config "$2" "$prefix" && print_config "$placed" kubelet.config.k8s.io
      print_ca "$prefix" ;;
    --config[-_]dir) print_drop_ins "$2" "$prefix" "$expected_mark" ;;
    --kubeconfig | --bootstrap[-_]kubeconfig)
      shape=''
      if describe kubeconfig "$2" "$prefix"; then
        printf 'kubeconfig %s\n' "$2"
        print_kubeconfig "$placed"
        print_client_certificate "$2" "$prefix"
      fi ;;
    --client[-_]ca[-_]file) describe client-ca "$2" "$prefix" ;;
  esac
}

# Splits JSON on one line too: to find a word in a line takes a shell the square of its length.
by_fields() { IFS=",{}$nl"; set -f; }

# Takes the plain value of the key $1 (YAML or JSON) out of $line into $value; fails where there is none.
value_of() {
  [ ${#line} -le 8192 ] || return 1
  case $line in *"$1"*) value=${line#*"$1"} ;; *) return 1 ;; esac
  value=${value#\"}
  value=${value#"${value%%[![:space:]]*}"}
  case $value in :*) value=${value#:} ;; *) return 1 ;; esac
  value=${value#"${value%%[![:space:]]*}"}
  value=${value#[\"\']}
  value=${value%%[]\[\"\',\{\}[:space:]]*}
  [ -n "$value" ]
}

# The CA files that the last configuration read, in $text, names. $1 prefix.
print_ca() {
  case $text in *clientCAFile*) ;; *) return ;; esac
  case $text in *\#*) text=$(printf '%s\n' "$text" | bounded sed -E -e "$comments") ;; esac
  described=$nl
  by_fields
  for line in $text; do
    value_of clientCAFile || continue
    case $value in *://*) continue ;; esac
    case $described in *"$nl$value$nl"* | *"$nl"*"$nl"*"$nl"*"$nl"*"$nl"*"$nl"*) continue ;; esac
    described="$described$value$nl"
    absolute "$value" || continue
    describe client-ca "$full" "$1"
  done
  by_words
}

# The certificate that a kubeconfig, in $shape, names or embeds. $1 kubeconfig, $2 prefix.
print_client_certificate() {
  case $shape in *client-certificate*) ;; *) return ;; esac
  count=0
  case $style in json) by_fields ;; *) by_lines ;; esac
  for line in $shape; do
    value_of client-certificate || continue
    # client-go resolves relative paths against the kubeconfig's own directory.
    case $value in /*) file=$value ;; *) file=${1%/*}/$value ;; esac
    [ $((count += 1)) -gt 3 ] || [ "$file" = "$certificates/kubelet-client-current.pem" ] || print_certificate "$file" "$2"
  done
  by_words
  case $shape in *client-certificate-data*) ;; *) return ;; esac
  printf 'certificate %s\n' "$1"
  [ "$style" = json ] && shape=$(printf '%s' "$text" | tr , '\n')
  data=$(printf '%s\n' "$shape" |
    sed -n -E -e '/^[[:space:]]*#/d' -e 's/.*client-certificate-data["'\'']?[[:space:]]*:[[:space:]]*["'\'']?([A-Za-z0-9+\/=]+).*/\1/p')
  # Which one is the current user's takes a parser to tell.
  case $data in *"$nl"*) echo 'problem more than one user has a certificate in it'; return ;; esac
  printf '%s\n' "$data" | decode | print_facts
}

decode() {
  if command -v base64 >/dev/null; then base64 -d; else openssl base64 -d -A; fi
}

# Reads the arguments of process $1 into $arguments, each ended by a line break (a line break inside one becomes \001).
# Sets $unread and fails where that cannot be done. Nothing is opened by the shell itself: what hangs is ended with its
# reader.
read_arguments() {
  arguments=$(bounded head -c "$((longest + 1))" "$1/cmdline" | tr '\n\000' '\001\n' && echo .)
  arguments=${arguments%.}
  [ ${#arguments} -le "$longest" ] || { unread="its arguments are longer than $longest bytes"; return 1; }
  case $arguments in
    '') unread='its arguments are empty or could not be read'; return 1 ;;
    *"$nl") ;;
    *) arguments="$arguments$nl" ;;
  esac
}

# Filters $arguments through a command, keeping a last empty argument.
filter_arguments() {
  arguments=$(printf '%s' "$arguments" | "$@" && echo .)
  arguments=${arguments%.}
}

# Prints the version that $1 speaks of.
print_version_of() {
  case $1 in *'Kubernetes v'[0-9]*)
    set -- "${1#"${1%%'Kubernetes v'[0-9]*}"}"
    version=${1#Kubernetes }
    version=${version%%[!0-9A-Za-z.+-]*}
    printf 'version %s\n' "$version" ;;
  esac
}

# The version that a kubelet's binary prints. Only the host's own binary, owned and run by root, is ever executed: any
# user may name a process "kubelet", and this script runs as root.
print_version() {
  if [ -n "$root" ]; then
    # Below another root nothing is run; a small stand-in may say its version in its text.
    place "$exe" "$files"
    [ -f "$placed" ] && print_version_of "$(head -c 65536 "$placed")"
    return
  fi
  if [ -n "$contained" ] || [ "$uid" != 0 ]; then
    note "version not asked: process $pid is not the host's own"
    return
  fi
  # Opened once: what is judged is what is run, whatever becomes of the process meanwhile.
  {
    case $(stat -L -c '%u %a' /proc/self/fd/9) in
      "0 "*[2367]? | "0 "*[2367]) note "version not asked: $exe may be written by others than root" ;;
      "0 "*)
        is_own && print_version_of "$(bounded /proc/self/fd/9 --version </dev/null)" ;;
      *) note "version not asked: $exe is not owned by root" ;;
    esac
  } 9<"$process/exe"
}

# Reads the targets of links into $exe, $cwd and $top: in one call where readlink takes several names.
read_links() {
  set -- "$process/exe" "$process/cwd"
  [ -L "$process/root" ] && set -- "$@" "$process/root"
  targets=$(readlink "$@")
  by_lines
  wanted_links=$#
  # shellcheck disable=SC2086 # one word a line
  set -- $targets
  by_words
  if [ $# = "$wanted_links" ]; then
    exe=$1 cwd=$2 top=${3:-}
  else
    exe=$(readlink "$process/exe")
    cwd=$(readlink "$process/cwd")
    top=$(readlink "$process/root")
  fi
  # Any user may work in a directory whose name looks like records.
  case $exe in *"$nl"*) exe='' ;; esac
  case $cwd in *"$nl"*) note "the working directory of process $pid has a line break in its name"; cwd='' ;; esac
  exe=${exe%" (deleted)"}
  # Seen from outside, the paths of a process that changed its root begin with it.
  case $top in /?*)
    case $exe in "$top"/*) exe=${exe#"$top"} ;; esac
    case $cwd in "$top") cwd=/ ;; "$top"/*) cwd=${cwd#"$top"} ;; esac ;;
  esac
}

# True where $process lives in another mount namespace than the machine's first process.
is_foreign() {
  [ -L "$root/proc/1/ns/mnt" ] || return 1
  # shellcheck disable=SC3013 # dash, bash and busybox ash know -ef, and it takes no process
  [ "$root/proc/1/ns/mnt" -ef "$process/ns/mnt" ] && return 1
  # Copied links lead nowhere, and without the right to look nothing is known: then their names tell.
  [ -e "$root/proc/1/ns/mnt" ] || [ "$(readlink "$root/proc/1/ns/mnt")" != "$(readlink "$process/ns/mnt")" ]
}

# Finds the root of the files that $process names: $files, and $contained where it is not the machine's own.
find_root() {
  contained='' files=$root
  is_foreign && contained=yes
  if [ -z "$root" ]; then
    case $top in '' | /) ;; *) contained=yes ;; esac
    [ -n "$contained" ] && files=$process/root
    return
  fi
  place "${process#"$root"}/root" "$root"
  if [ "$placed" != "$root" ] && [ -d "$placed" ]; then contained=yes files=$placed
  elif [ -n "$contained" ]; then
    files=/dev/null
    note "the files of process $pid are not below $root: it lives in another mount namespace"
  fi
}

# Prints what is common to all processes. $process is its directory in /proc.
print_process() {
  read_links
  read_uid
  version=''
  printf 'process %s %s\n' "$1" "$pid"
  find_root
  [ -n "$exe" ] && printf 'exe %s\n' "$exe"
  [ -n "$cwd" ] && printf 'cwd %s\n' "$cwd"
  case $uid in '' | *[!0-9]*) uid='' ;; *) printf 'uid %s\n' "$uid" ;; esac
  [ -n "$contained" ] && echo contained
  started=''
  [ -f "$process/stat" ] && while IFS= read -r line; do started="$started$line "; done <"$process/stat"
  # The fields after the name, which may hold anything but is closed by the last parenthesis (proc(5)); 22 is starttime.
  set -f
  # shellcheck disable=SC2086 # fields
  set -- ${started##*) }
  set +f
  started=${20:-}
  case $started$booted in '' | *[!0-9]*) ;; *)
    [ -n "$started" ] && [ -n "$booted" ] && printf 'started %s\n' "$((booted + started / ticks))" ;;
  esac
  unit='' units=$root
  [ -f "$process/cgroup" ] && while IFS= read -r line; do
    scope=${line%/*}
    case $line in */*.service) line=${line##*/} ;; *) continue ;; esac
    case $line in *[!A-Za-z0-9@_.:-]*) continue ;; *) unit=$line ;; esac
    # A unit below a container's group belongs to the systemd in that container, as with kind.
    case $contained$scope in yes*.scope/* | yes*/docker/*) units=$files ;; esac
    break
  done <"$process/cgroup"
  [ -n "$unit" ] && printf 'unit %s\n' "$unit"
  mark=
  [ -n "$contained" ] && mark=kubelet.config.k8s.io
  [ "${uid:-0}" = 0 ] && [ -z "$deadline" ] || mark=kubelet.config.k8s.io
}

# Prints ID, VERSION_ID and VARIANT_ID of os-release, - where absent.
print_os() {
  id=- version=- variant=-
  place /etc/os-release "$root"
  [ -f "$placed" ] || placed=/dev/null
  while IFS='=' read -r key value; do
    value=${value#[\"\']}
    value=${value%%[!A-Za-z0-9._-]*}
    case $key in
      ID) id=${value:--} ;;
      VERSION_ID) version=${value:--} ;;
      VARIANT_ID) variant=${value:--} ;;
    esac
  done <"$placed"
  printf 'os %s %s %s\n' "$id" "$version" "$variant"
}

# Ticks a second of /proc/PID/stat: 100 on every architecture that Kubernetes supports (USER_HZ, asm/param.h).
ticks=100

collect() {
  printf 'time %s\n' "$(date +%s)"
  print_os
  # Without these, arguments and processes would look as if there were none.
  for tool in grep head sed sort tr xargs; do
    command -v "$tool" >/dev/null || { note "this node cannot be read without $tool"; return; }
  done
  [ -n "${missing:-}" ] && note "not on this node: ${missing% }"
  [ -n "$root" ] || [ "$(id -u)" = 0 ] || note 'not run as root: some files may look unreadable'
  [ -z "$root" ] && command -v apiclient >/dev/null && note 'Bottlerocket control container: the kubelet of the host is not visible here'
  booted=''
  [ -f "$root/proc/stat" ] && booted=$(sed -n '/^btime /{s/^btime //p;q;}' "$root/proc/stat")
  [ -d "$root/proc" ] || note "$root/proc is missing: no process can be seen"

  names='kubelet(-?v?[0-9].*)?|hyperkube|kubelite|k3s|k3s-(server|agent).*|kube-proxy'
  if [ -z "$root" ]; then
    found=$(search -lxE "$names" /proc/[0-9]*/comm)
  else
    # A copy may lack comm, or have something in its place that has no end.
    with='' without=''
    for process in "$root"/proc/[0-9]*; do
      if [ -f "$process/comm" ]; then with="$with$process/comm$nl"
      elif [ -f "$process/cmdline" ]; then without="$without$process/cmdline$nl"; fi
    done
    by_lines
    # shellcheck disable=SC2086 # one word a line
    found=$(search -lxE "$names" $with; search -laE 'kube|k3s' $without)
    by_words
  fi
  pids=''
  by_lines
  for process in $found; do
    process=${process%/*}
    pids="$pids${process##*/}$nl"
  done
  case $pids in *"$nl"?*) pids=$(printf '%s' "$pids" | sort -n) ;; esac
  # shellcheck disable=SC2086 # one word a line
  set -- $pids
  by_words
  # The host's own come first: whoever may start processes may call theirs kubelet, but hides none of these.
  own='' foreign='' seen=0
  for pid in "$@"; do
    process=$root/proc/$pid
    if is_own; then own="$own $pid"; else foreign="$foreign $pid"; fi
  done
  [ $# -gt 20 ] && note "$# processes look like kubelets or proxies; at most 20 are read, the host's own first"
  deadline=''
  for pid in $own; do print_named; done
  [ -n "$foreign" ] || return 0
  echo "$others_follow"
  deadline=$(($(date +%s) + 15))
  # What takes the square of a length, or a process for each of many arguments, must end soon.
  longest=16384
  for pid in $foreign; do print_named; done
  late && note 'reading processes that are not the host'\''s own took 15 seconds: not all of them were read'
}

# Searches files by grep: $1 its options, $2 what for, then the files, which may be more than one call can be given.
search() {
  if [ $# -le 2 ]; then return
  elif [ $# -le 5000 ]; then grep "$@"
  else
    options=$1 wanted=$2
    shift 2
    printf '%s\n' "$@" | tr '\n' '\000' | xargs -0 grep "$options" "$wanted"
  fi
}

# The user of $process: $uid.
read_uid() {
  uid=''
  [ -f "$process/status" ] && while read -r key value _; do
    case $key in Uid:) uid=$value; break ;; esac
  done <"$process/status"
}

# True where $process is root's in the host's mount namespace.
is_own() {
  is_foreign && return 1
  # Any user may start such a program under any name, and it may become root's.
  [ -u "$process/exe" ] && return 1
  read_uid
  [ "$uid" = 0 ]
}

# True when no more time is for processes that are not the host's own: what they name may take for ever to read.
late() { [ -n "$deadline" ] && [ "$(date +%s)" -ge "$deadline" ]; }

# $pid
print_named() {
  [ "$seen" -lt 20 ] || return 0
  process=$root/proc/$pid
  name=''
  [ -f "$process/comm" ] && IFS= read -r name <"$process/comm"
  late && return
  told=0
  read_arguments "$process" || { print_unread; return 0; }
  if [ -z "$name" ]; then
    name=${arguments%%"$nl"*}
    name=${name##*/}
    case $name in kubelet | hyperkube | kubelite | k3s | kube-proxy) ;; *) return ;; esac
  fi
  seen=$((seen + 1))
  print_by_name "$name"
}

# Tells of a process whose arguments are unknown: one that may be a kubelet must be accounted for, unless it has ended.
print_unread() {
  ended=''
  [ -f "$process/status" ] && while read -r key value _; do
    case $key in State:) [ "$value" = Z ] && ended=yes; break ;; esac
  done <"$process/status"
  case $ended$name in
    kubelet*)
      seen=$((seen + 1))
      printf 'process kubelet %s\nunread %s\n' "$pid" "$unread" ;;
    *) note "process $pid ($name) was left out: $unread" ;;
  esac
}

# True where $arguments are those of a script of this name, which has its interpreter before it (execve(2)).
is_script() {
  program=${arguments%%"$nl"*}
  case ${program##*/} in sh | ash | bash | dash | ksh | zsh | busybox | env | perl* | python*) ;; *) return 1 ;; esac
  case "${others%%"$nl-"*}$nl" in *"/$1$nl"*) ;; *) return 1 ;; esac
}

# $1 the process's name.
print_by_name() {
  others=${arguments#*"$nl"}
  case $1 in
    kubelet*)
      if is_script "$1"; then note "process $pid ($1) is a script, not a kubelet"; return; fi
      arguments=$others
      print_process kubelet
      print_version
      print_kubelet "$files" "$mark"
      print_service "${unit:-kubelet.service}" "$units" ;;
    hyperkube)
      case $others in "kubelet$nl"*) ;; *) return ;; esac
      arguments=${others#*"$nl"}
      print_process hyperkube
      print_version
      print_kubelet "$files" "$mark"
      print_service "${unit:-kubelet.service}" "$units" ;;
    kubelite)
      print_process microk8s
      place /snap/microk8s/current/meta/snap.yaml "$root"
      [ -f "$placed" ] && sed -n -E 's/^version: *(v[0-9][0-9A-Za-z.+-]*).*/version \1/p' "$placed"
      describe environment /var/snap/microk8s/current/args/kubelet "$root" || return
      slurp "$placed" || return
      # Quotes go, lines are split at spaces, variables of the snap are expanded (canonical/microk8s,
      # 0000-Kubelite-integration.patch, ReadArgsFromFile); a secret's words go before they are split.
      arguments=$text
      filter_arguments sed -n -E \
        -e 's#\$\{?SNAP_DATA\}?#/var/snap/microk8s/current#g' -e 's#\$\{?SNAP_COMMON\}?#/var/snap/microk8s/common#g' \
        -e 's#\$\{?SNAP\}?#/snap/microk8s/current#g' -e "s/[\"']//g" -e 's/^[[:space:]]*//' -e '/^#/d' -e "s/((^|[[:space:]])$secret)(=|[[:space:]]+-?[^-[:space:]])([^[:space:]]*[[:space:]]+-?[^-[:space:]])*[^[:space:]]*/\\1=REDACTED/g" -e 's/[[:space:]]*$//' -e '/./p'
      filter_arguments tr -s ' \t' '\n'
      print_kubelet "$root" "$mark"
      print_service "${unit:-snap.microk8s.daemon-kubelite.service}" "$root" ;;
    k3s*)
      print_process k3s
      filter_arguments k3s_arguments
      print_kubelet "$root" "$mark"
      print_service "${unit:-k3s.service}" "$root" ;;
    kube-proxy)
      arguments=$others
      print_process proxy
      print_proxy "$files" ;;
  esac
}

# Prints the kubelet's arguments that k3s was given: as --kubelet-arg on its own command line (standard input) and as a
# list in its configuration, which also holds its token.
k3s_arguments() {
  sed -n -E -e 's/^--(kubelet-arg=-?-?)+/--/p' -e '/^--kubelet-arg$/{n;s/^-?-?(kubelet-arg=-?-?)*/--/p;}'
  for file in "$root/etc/rancher/k3s/config.yaml" "$root"/etc/rancher/k3s/config.yaml.d/*.yaml; do
    [ -f "$file" ] && bounded sed -E -e "$comments" "$file" | sed -n -E -e '/^[[:space:]]*#?$/d' -e 's/[[:space:]]+#$//' \
      -e '/^["'\'']?kubelet-arg\+?["'\'']?[[:space:]]*:/,/^[^[:space:]-]/{s/^([[:space:]]*-|["'\'']?kubelet-arg\+?["'\'']?:)[[:space:]]+(["'\'']?)-?-?([A-Za-z][A-Za-z0-9_-]*(=[^"'\'']*[^"'\''[:space:]]|=)?)\2[[:space:]]*$/--\3/p;}'
  done
  return 0
}

# A kube-proxy: its arguments, its configuration's two lines that controls speak of, and its kubeconfig's mode. $1 prefix.
print_proxy() {
  proxy_files=$nl previous='' proxy_count=0
  guard_arguments
  by_lines
  for argument in $arguments; do
    argument=${argument#=}
    printf 'arg %s\n' "$argument"
    named=''
    case $previous in --config | --kubeconfig) named="${previous#--} $argument" ;; esac
    case $argument in --config=?* | --kubeconfig=?*) named=${argument#--}; named="${named%%=*} ${named#*=}" ;; esac
    case $proxy_files in *"$nl$named$nl"*) ;; *)
      # Each takes many calls; a kube-proxy reads one of each. Of many the last one counts.
      [ $((proxy_count += 1)) -le 10 ] || proxy_files=$nl${proxy_files#"$nl"*"$nl"}
      proxy_files="$proxy_files$named$nl" ;;
    esac
    previous=$argument
  done
  [ "$proxy_count" -gt 10 ] && note "process $pid names $proxy_count files; the last 10 are read"
  # shellcheck disable=SC2086 # one word a line
  set -- "$1" $proxy_files
  by_words
  under=$1
  shift
  for named in "$@"; do
    late && return
    absolute "${named#* }" || continue
    case $named in kubeconfig\ *) describe proxy-kubeconfig "$full" "$under"; continue ;; esac
    describe proxy-config "$full" "$under" || continue
    slurp "$placed" || continue
    # Anybody's process may name any file, and a manifest may hold a whole kubeconfig under that name.
    [ -z "$mark" ] || case $text in *kubeproxy.config.k8s.io*) ;; *)
      echo 'withheld it does not mention kubeproxy.config.k8s.io'
      continue ;;
    esac
    lines=$(printf '%s\n' "$text" | grep -E 'metricsBindAddress|\\[xu]|\\$' | grep -cv '^[[:space:]]*#')
    named_in=$(printf '%s\n' "$text" | grep -E 'kubeconfig["'\'']?[[:space:]]*:' | grep -cv '^[[:space:]]*#')
    text=$(printf '%s\n' "$text" | sed -n -E '/^[[:space:]]*["'\'']?(apiVersion|kind|clientConnection|kubeconfig|metricsBindAddress)["'\'']?[[:space:]]*:[[:space:]]*("[^"]*"|'"'[^']*'"'|[^]["'\'',{}[:space:]]*|\{)[[:space:]]*,?([[:space:]]#.*)?$/p')
    # An address that is not in a line of its own must not look like none.
    kept=$(printf '%s\n' "$text" | grep -cE 'metricsBindAddress["'\'']?[[:space:]]*:[[:space:]]*[^[:space:]#]')
    if [ "$lines" = "$kept" ]; then print_text; else echo 'withheld its metricsBindAddress is not in a line of its own'; fi
    # Nor must a kubeconfig, whose path is not known then.
    if [ "$named_in" != "$(printf '%s\n' "$text" | grep -cE 'kubeconfig["'\'']?[[:space:]]*:[[:space:]]*[^[:space:]#]')" ]; then
      printf 'file proxy-kubeconfig unreadable - - - - - - %s\n' "$full"
      note "the kubeconfig in $full is not in a line of its own, so it was not looked at"
    fi
    found=$(printf '%s\n' "$text" | sed -n -E 's/^[[:space:]]*["'\'']?kubeconfig["'\'']?[[:space:]]*:[[:space:]]*["'\'']?([^"'\'',[:space:]]+).*/\1/p' | head -n 5)
    by_lines
    for file in $found; do absolute "$file" && describe proxy-kubeconfig "$full" "$under"; done
    by_words
  done
}

# The answer in its envelope. $1 text, whose length is in bytes, because LC_ALL is C.
envelope() {
  if command -v sha256sum >/dev/null; then digest=$(printf '%s\n' "$1" | sha256sum)
  else digest=$(printf '%s\n' "$1" | openssl dgst -sha256 -r); fi
  digest=${digest%% *}
  if command -v gzip >/dev/null; then pack='gzip -9nc'; else pack='cat'; fi
  if command -v base64 >/dev/null; then code='base64'; else code='openssl base64'; fi
  packed=''
  for part in $(printf '%s\n' "$1" | $pack | $code); do packed=$packed$part; done
  printf 'kubevigil/1 %s %s %s\n' $((${#1} + 1)) "$digest" "$packed"
}

# Stands before the processes that are not the host's own; no record is called so.
others_follow='others'
# More bytes than this would not fit, whatever they are; what has so many was cut.
most=1000000
answer=$(collect | head -c "$most")

fits() {
  # The reader unpacks 160 KiB at most (lambda/nodes/answer/envelope.ts); a line break is added here.
  [ -n "$1" ] && [ ${#1} -lt 163840 ] || return 1
  # Nor does it take more lines; short answers have fewer.
  [ ${#1} -lt 20000 ] || {
    [ "$(printf '%s\n' "$1" | grep -c '^arg ')" -le "$most_arguments" ] &&
      [ "$(printf '%s\n' "$1" | grep -cv '^arg ')" -lt "$most_lines" ]
  } || return 1
  line=$(envelope "$1")
  # GetCommandInvocation carries 24,000 characters: say so rather than be cut.
  [ ${#line} -le 23500 ]
}
too_long='the answer would be longer than 23500 characters or 163840 bytes, or have too many lines'
whole=''
if [ ${#answer} -lt $((most - 1000)) ]; then
  whole=$answer
  case $answer in *"$nl$others_follow"*) whole=$(printf '%s\n' "$answer" | sed "/^$others_follow\$/d") ;; esac
fi
if ! fits "$whole"; then
  # Whoever runs a process that looks like a kubelet must not be able to crowd out the host's own.
  own=${answer%%"$nl$others_follow$nl"*}
  [ "$own" = "$answer" ] || case $own in
    *"${nl}process "[hkm]*) whole="$own${nl}note processes that are not the host's own were left out: $too_long" ;;
  esac
  fits "$whole" ||
    fits "$(printf '%s\n' "$whole" | sed -e '/^|/d' -e "s/^content\$/withheld $too_long/")" ||
    fits "refused $too_long"
fi
printf '%s\n' "$line"
exit 0
