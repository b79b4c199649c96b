# What is read on a node, run by collect.sh under its time limit. Prints the text of the answer, whose records are described
# in lambda/nodes/answer/evidence.ts. $FILTER is certificate.awk and filter.awk, $ALLOWED is allowed.txt, sha256 stands in send.sh.
nl='
'
tab='	' most=400
note() { printf 'note %s\n' "$1"; }

# Finds where path $1 below the root $2 is on this machine: $placed. A link of a container's, or of a copy's, leads to a
# file below that root and not to this machine's own (path_resolution(7)).
place() {
  placed=$2$1
  [ -n "$2" ] || return 0
  placed='' rest=$1 steps=0
  while [ -n "$rest" ]; do
    [ $((steps += 1)) -le 256 ] || { placed=/dev/null/long; return; }
    part=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest='' ;; esac
    case $part in '' | .) continue ;; ..) placed=${placed%/*}; continue ;; esac
    if [ -L "$2$placed/$part" ]; then
      target=$(readlink "$2$placed/$part")
      case $target in '') placed=/dev/null/$part; return ;; /*) placed='' ;; esac
      rest=$target${rest:+"/$rest"}
    else placed=$placed/$part; fi
  done
  placed=$2$placed
}

# --- Files -----------------------------------------------------------------------------------------------------------
# Wants a file looked at in the next round: $1 "role /path".
want() { case $known$next in *"$nl$1$nl"*) ;; *) next="$next$1$nl" ;; esac; }
# The same in this round, of what is not read.
also() { case $known$todo in *"$nl$1$nl"*) ;; *) todo="$todo$1$nl" ;; esac; }
# The same if it is there: what has a usual place need not be there.
want_if() { place "${1#* }" "$prefix"; [ -e "$placed" ] || [ -L "$placed" ] && want "$1"; }

# The same of a program by its name, on the path that systemd gives to services (systemd.exec(5), $PATH), where those of / and
# /usr are two.
want_on_path() { for on_path in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do want_if "program $on_path/$1" && break; done; }

# Wants what the files of a unit name, when all of them are read.
want_of_unit() {
  IFS=$nl; set -f
  for one in $of_unit; do
    case $one in
      *' unread '*)
        case $one in Env*) role=environment ;; *) role=program ;; esac
        printf 'file %s unreadable - - - - - - %s\n' $role "${one#* unread }" ;;
      Env*) want "environment ${one#* }" ;;
      *' /'*) want "program ${one#* }" ;;
      *) want_on_path "${one#* }" ;;
    esac
  done
  of_unit=''; unset IFS; set +f
}

# Looks at every file that is wanted and at what those name. In each round files are opened, stat says what was opened, and
# awk reads that and nothing else; of files that are not read stat says what their paths lead to.
look() {
  while :; do
    case $next in *"$nl"service*) ;; *) want_of_unit ;; esac
    [ "$next" != "$nl" ] || break
    todo=$next next=$nl items=$asides n=3
    set --
    while [ "$todo" != "$nl" ]; do
      todo=${todo#"$nl"}
      one=${todo%%"$nl"*} todo=$nl${todo#*"$nl"}
      path=${one#* } role=${one%% *}
      case $role$path in
        dir*) known="$known$one$nl"; list_drop_ins "$path"; continue ;;
        environment*[*?[]* | program*[*?[]*) known="$known$one$nl"; expand "$role" "$path"; continue ;;
      esac
      if [ $((told += 1)) -gt $most ]; then
        [ "$told" -gt $((most + 1)) ] || note "process $pid names more than $most files; the others were left out"
        [ "$told" -gt $((most + 20)) ] || printf 'file %s unreadable - - - - - - %s\n' "$role" "$path"
        continue
      fi
      link='-' state=missing
      place "${path%/*}" "$prefix"
      [ -L "$placed/${path##*/}" ] && link='link'
      place "$path" "$prefix"
      where=$placed
      if [ -f "$placed" ]; then state='file'
      elif [ -d "$placed" ]; then state=directory
      elif [ -e "$placed" ]; then state=other
      else
        # Without the right to enter a folder its files only look missing; of a root that is not there nothing is known.
        [ "$prefix" = /dev/null ] && state=unreadable
        up=${placed%/*}
        while [ -n "$up" ] && [ ! -e "$up" ]; do up=${up%/*}; done
        [ -z "$up" ] || [ ! -d "$up" ] || [ -x "$up" ] || state=unreadable
      fi
      # What the kernel makes up is no configuration.
      case $state$path in file/proc/* | file/dev/* | file/sys/*) state=other ;; esac
      case $state$role in
        fileconfig | filedrop-in | filekubeconfig | fileclient-ca | fileauthority | fileclient-certificate | \
          fileserving-certificate | fileservice | fileenvironment | fileproxy-config | filek3s | fileargs)
          if [ $n -gt 7 ]; then next="$next$one$nl"; told=$((told - 1)); continue; fi
          if command eval "command exec $n<\"\$placed\""; then where=/proc/self/fd/$n n=$((n + 1)); else state=unreadable; fi ;;
      esac
      known="$known$one$nl"
      set -- "$@" "$where"
      items="$items$where$tab$role$tab$state$tab$link$tab$path$nl"
      case $role in service | environment | program | k3s) folder=${path%/*}; while [ -n "$folder" ]; do also "folder $folder"; folder=${folder%/*}; done ;; esac
    done
    [ -n "$items" ] || continue
    # shellcheck disable=SC2086 # none, one or two
    FACTS=$(stat -L -c '%f %u %g %s %.6Y %n' "$@" $held)
    take "$(FACTS=$FACTS ITEMS=$items CWD=$cwd HOST=$host UNIT=${unit:-$usual} awk "$FILTER")"
    asides=''
    while [ $n -gt 3 ]; do n=$((n - 1)); eval "exec $n<&-"; done
    [ -z "$held" ] || print_versions
  done
}

# Prints what the filter found; what it names is wanted next.
take() {
  IFS=$nl; set -f
  for line in $1; do
    case $line in
      '> argument '*) given="$given${line#> argument }$nl" ;;
      '> proxy-argument '*) proxy_given="$proxy_given${line#> proxy-argument }$nl" ;;
      '> fresh kubelet-arg') given='' k3s_config='' ;;
      '> fresh kube-proxy-arg') proxy_given='' ;;
      '> k3s-config '*) k3s_config=${k3s_config:-${line#> k3s-config }} ;;
      '> k3s-data-dir '*) k3s_data=${line#> k3s-data-dir } ;;
      '> kubelet' | '> argv0 '*) ;;
      '> digest '*)
        # The same authority often stands in two files.
        # shellcheck disable=SC2059 # the bytes in octal are the format
        [ "$line" = "$digested" ] || { digested=$line; digest=$(printf "${line#> digest }" | sha256); }
        [ -z "$digest" ] || printf 'sha256 %s\n' "${digest%% *}" ;;
      '> of-unit '*) of_unit="$of_unit${line#> of-unit }$nl" ;;
      '> no '*)
        of_both=$of_unit of_unit=''
        for one in $of_both; do case $one in "${line#> no } "*) ;; *) of_unit="$of_unit$one$nl" ;; esac; done ;;
      '> on-path '*)
        want_on_path "${line#> on-path }" ;;
      '> cert-dir '*) cert_dir=${line#> cert-dir } ;;
      '> '*) want "${line#> }" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
  unset IFS; set +f
}

# Wants every *.conf below a --config-dir as the kubelet walks it (Go, filepath.WalkDir): links to files count, links to
# directories do not, and a directory that is a link itself is not walked.
list_drop_ins() {
  place "${1%/*}" "$prefix"
  [ -L "$placed/${1##*/}" ] && linked=yes || linked=''
  place "$1" "$prefix"
  walked=directory found=0
  if [ "$prefix" = /dev/null ]; then walked=unreadable
  elif [ ! -e "$placed" ]; then walked=missing
  elif [ ! -d "$placed" ] || [ -n "$linked" ]; then
    [ -d "$placed" ] || walked=other
    case $1 in *.conf) want "drop-in $1" ;; esac
  else walk "$1" "$placed"; fi
  printf 'dir %s %s\n' "$walked" "$1"
}
# $1 the directory's name, $2 where it is.
walk() {
  [ -r "$2" ] && [ -x "$2" ] || walked=unreadable
  for entry in "$2"/* "$2"/.[!.]* "$2"/..?*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    # A name that the answer cannot carry may hide a file that says the contrary.
    case ${entry##*/} in *[[:cntrl:]]*) walked=unreadable; continue ;; esac
    if [ -d "$entry" ] && [ ! -L "$entry" ]; then
      case $1 in /*/*/*/*/*/*/*/*/*/*/*) walked=unreadable ;; *) walk "$1/${entry##*/}" "$2/${entry##*/}" ;; esac
    else
      case $entry in *.conf) [ $((found += 1)) -le 100 ] && want "drop-in $1/${entry##*/}" || walked=unreadable ;; esac
    fi
  done
}
# Files that a unit names by a pattern, or by what is not known here. One whose name the answer cannot carry is told as unread,
# and so are those beyond twenty, of which somebody may have made many.
expand() {
  IFS=$nl fits=0
  for entry in "$prefix"$2; do
    [ -f "$entry" ] || continue
    [ $((fits += 1)) -le 20 ] || { printf 'file %s unreadable - - - - - - %s\n' "$1" "$2"; break; }
    case ${entry#"$prefix"} in
      *[!]A-Za-z0-9_./@+*?:,[-]*) printf 'file %s unreadable - - - - - - %s\n' "$1" "$2" ;;
      *) want "$1 ${entry#"$prefix"}" ;;
    esac
  done
  unset IFS
}

# --- Units, as systemd finds them (systemd.unit(5), "Unit file load path") --------------------------------------------
# True for a unit or drop-in that says that there is none: a link to /dev/null; of units an empty file too.
masked() { [ -L "$1" ] && [ "$1" -ef /dev/null ]; }

# Wants the files of unit $1 that systemd loads: the first of its name, and of drop-ins of one name the first.
want_unit() {
  type=${1##*.} fragment='' names=$1 folders=''
  case $1 in *@?*.*) template=${1%%@*}@.$type ;; *) template='' ;; esac
  set -- /etc/systemd/system.control /run/systemd/system.control /run/systemd/transient /run/systemd/generator.early \
    /etc/systemd/system /etc/systemd/system.attached /run/systemd/system /run/systemd/system.attached /run/systemd/generator \
    /usr/local/lib/systemd/system /lib/systemd/system /usr/lib/systemd/system /run/systemd/generator.late
  for name in $names $template; do
    for directory in "$@"; do
      [ -z "$fragment" ] || break
      # A folder is no unit.
      [ -f "$prefix$directory/$name" ] || [ -L "$prefix$directory/$name" ] && fragment=$directory/$name
    done
  done
  place "$fragment" "$prefix"
  of=$placed
  if [ -n "$fragment" ]; then
    # A masked unit is started by nothing that is written there.
    masked "$prefix$fragment" || [ ! -s "$of" ] || want "service $fragment"
    # Links to it are other names of it, under which drop-ins count as well.
    for directory in "$@"; do
      for file in "$prefix$directory"/*."$type"; do
        [ -L "$file" ] || continue
        place "${file#"$prefix"}" "$prefix"
        # By its name: what it leads to may itself be hidden by another file of that name.
        for other in "$@"; do
          [ "$placed" -ef "$prefix$other/${fragment##*/}" ] || continue
          case " $names " in *" ${file##*/} "*) ;; *) names="$names ${file##*/}" ;; esac
          break
        done
      done
    done
  fi
  for name in $names; do for directory in "$@"; do drop_in_folders "$directory" "$name"; done; done
  for directory in "$@"; do folders="$folders$directory/$type.d$nl"; done
  want_if 'folder /etc/systemd/system'
  seen=/ found=$nl from=0
  IFS=$nl
  for directory in $folders; do
    [ "$directory" = "/lib/${directory#/lib/}" ] && [ -L "$prefix/lib" ] && continue
    place "$directory" "$prefix"
    # A file more there would count.
    [ ! -d "$placed" ] || want "folder $directory"
    before=$found
    for file in "$placed"/*.conf; do
      place "$directory/${file##*/}" "$prefix"
      # A link that leads nowhere hides others as well: folders are listed by name (systemd src/basic/conf-files.c, 219 to 255).
      [ -e "$file" ] || [ -L "$file" ] || continue
      case $seen/${file##*/} in *"/${file##*/}/"* | *[[:cntrl:]]*) continue ;; esac
      seen=$seen${file##*/}/
      masked "$file" || [ ! -e "$placed" ] || found="$found${file##*/}$tab$directory/${file##*/}$nl"
    done
    [ "$found" = "$before" ] || from=$((from + 1))
  done
  # They are read in the order of their names, whatever their folders.
  [ $from -lt 2 ] || found=$(printf '%s' "$found" | sort)
  set -f
  for file in $found; do want "service ${file#*"$tab"}"; done
  unset IFS; set +f
}
# The folders of drop-ins of unit $2 in $1: its own, its template's, then those of its prefixes: a-b.service, a-.service.
drop_in_folders() {
  case $2 in "$type") return ;; esac
  folders="$folders$1/$2.d$nl"
  case $2 in *@?*.*) drop_in_folders "$1" "${2%%@*}@.$type" ;; esac
  stem=${2%."$type"} at=''
  # A template's prefixes are no templates.
  case $stem in *@?*) at=@${stem#*@} ;; esac
  stem=${stem%%@*}
  stem=${stem%-}
  case $stem in *-*) drop_in_folders "$1" "${stem%-*}-$at.$type" ;; esac
}

# --- Processes -----------------------------------------------------------------------------------------------------
# True for a process of root's (all four ids) in the network of process 1 whose program is no setuid one. What a pod runs
# is none, unless the pod was given the host's network and root, and then its group says that it is a pod's.
is_ours() {
  word='' ids=''
  [ -f "$process/status" ] && while read -r word ids; do [ "$word" = Uid: ] && break; done <"$process/status"
  case $word$ids in Uid:0*[!0-9]0*[!0-9]0*[!0-9]0) ;; *) [ -n "$root" ] && [ -z "$word" ] || return 1 ;; esac
  # Before its program is looked at, which in a pod may lie on a file system that hangs.
  same_namespace net || return 1
  placed=$process/exe
  [ -z "$root" ] || place "$(readlink "$process/exe")" "$root"
  [ ! -u "$placed" ] || return 1
  [ "$comm" = kube-proxy ] || ! in_pod
}
# True for a control group of a pod's: below kubepods, wherever --cgroup-root puts that, or, of a kubelet without groups for
# pods (--cgroups-per-qos=false), one that a runtime makes for CRI (containerd internal/cri/server/helpers.go,
# getCgroupsPath; cri-o internal/config/cgmgr).
in_pod() { case $group in *kubepods* | *cri-containerd[-:]* | */k8s.io/* | *[/:]crio-[0-9a-f]*) ;; *) return 1 ;; esac; }
# Finds whose the pod in $group is: $pod, the folder of its logs, which the kubelet names after namespace, pod and uid
# (pkg/kubelet/kuberuntime/helpers.go, BuildPodLogsDirectory).
find_pod() {
  uid=${group##*pod} uid=${uid%%[./]*} pod=''
  while :; do case $uid in *_*) uid=${uid%%_*}-${uid#*_} ;; *) break ;; esac; done
  case $uid in '' | *[!0-9A-Za-z-]*) return ;; esac
  for pod in "$root/var/log/pods/"*"_$uid"; do [ -d "$pod" ] || pod=''; done
  pod=${pod##*/}
}
# True where process 1 has the same namespace of kind $1, or nobody may look. Links of a copy lead nowhere: then their
# names tell.
same_namespace() {
  if [ -z "$root" ]; then [ ! -e "/proc/1/ns/$1" ] || [ "/proc/1/ns/$1" -ef "$process/ns/$1" ]; return; fi
  [ ! -L "$root/proc/1/ns/$1" ] || [ "$(readlink "$root/proc/1/ns/$1")" = "$(readlink "$process/ns/$1")" ]
}
# The control group of $process, and its unit: the innermost service.
read_group() {
  group='' unit=''
  [ -f "$process/cgroup" ] && while IFS= read -r line; do
    group=$group$line
    case $line in */*.service) unit=${line##*/} ;; */*.service/*) unit=${line%.service/*}.service; unit=${unit##*/} ;; esac
  done <"$process/cgroup"
  case $unit in *[!A-Za-z0-9@_.:\\-]*) unit='' ;; esac
}

stranger() { count=$((count + 1)); [ $count -gt 5 ] || strangers="$strangers ${process##*/}"; }
# Sorts the processes of the machine: the host's own kubelets and proxies into $ours, others into $strangers. A kube-proxy
# in a pod is the node's where its namespace is one in which only administrators start pods; else where it is the only one.
find_processes() {
  ours='' strangers='' runtime='' count=0 proxies='' maybe='' unsure=''
  for process in "$root"/proc/[0-9]*; do
    comm=''
    [ -f "$process/comm" ] && IFS= read -r comm <"$process/comm"
    # A user's, of whom there may be a hundred thousand, is not looked at any further.
    case $comm in *kubelet* | kube-proxy | k3s*) [ -n "$root" ] || [ -O "$process" ] || [ ! -O /proc/1 ] || { stranger; continue; } ;; esac
    case $comm in
      *kubelet* | hyperkube | kubelite | k3s | k3s-server* | k3s-agent* | kube-proxy) read_group ;;
      # Its program will be run: the machine's own, not one out of a container with the host's network.
      containerd | crio | dockerd) [ -n "$root$runtime" ] || { read_group; is_ours && [ "$process/root" -ef / ] && runtime=$process; }; continue ;;
      '') if [ -z "$root" ] || [ ! -s "$process/cmdline" ]; then continue; fi; read_group ;;
      *)
        # Of root's own processes the unit may tell what the name does not.
        [ -n "$root" ] || { [ -O "$process" ] && same_namespace net && [ -e "$process/exe" ]; } || continue
        read_group
        case $unit in *kubelet*) ;; *) continue ;; esac ;;
    esac
    is_ours || { stranger; continue; }
    [ "$comm" = kube-proxy ] || { ours="$ours ${process##*/}"; continue; }
    pod=host
    in_pod && find_pod
    case $pod in host | kube-system_* | openshift-*_*) proxies="$proxies ${process##*/}" ;; '') maybe="$maybe ${process##*/}" ;; *) stranger ;; esac
  done
  case $proxies$maybe in
    "$maybe") case $maybe in ' '*' '*) unsure=$maybe ;; *) proxies=$maybe ;; esac ;;
    *) for pid in $maybe; do process=$pid; stranger; done ;;
  esac
  ours=$ours$proxies
  [ $count = 0 ] || note "$count processes that look like a kubelet or a kube-proxy are not the host's own (another user's, a pod's, in another network), and were not read:$strangers"
}
# A kubelet under another name and in no unit of its own is known by arguments that only a kubelet has.
find_by_arguments() {
  comm=-
  set --
  for process in "$root"/proc/[0-9]*; do
    [ -n "$root" ] || { [ -O "$process" ] && same_namespace net && [ -e "$process/exe" ]; } || continue
    [ -f "$process/cmdline" ] && { read_group; is_ours; } && set -- "$@" "$process/cmdline"
  done
  ours=''
  [ $# -gt 0 ] || return
  IFS=$nl
  # shellcheck disable=SC2013 # a file a line
  for process in $(grep -laE -e '--(bootstrap.kubeconfig|image.credential.provider.config|pod.infra.container.image|pod.manifest.path|rotate.certificates)' "$@"); do
    process=${process%/cmdline} ours="$ours ${process##*/}"
  done
  unset IFS
}

# What the kubelet's and the runtime's programs say their version is. Run is what was opened and judged: root's, writable by
# nobody else. Below another root nothing is run; a small stand-in may say its version in its text.
print_versions() {
  for fd in $held; do
    line=${FACTS%" $fd"*}
    line=${line##*"$nl"}
    case ${line#????} in ' 0 '*) ;; *) note "version not asked: a program of process $pid is not root's"; continue ;; esac
    case ${line%% *} in *[13579bdf]? | *[2367abef]) note "version not asked: a program of process $pid may be written by others than root"; continue ;; esac
    line=$($limit "$fd" --version)
    case $fd$line in
      /proc/self/fd/9*'Kubernetes v'[0-9]*) print_version "$line" ;;
      /proc/self/fd/8*' v'[0-9]* | /proc/self/fd/8*'ersion '[0-9]*)
        line=${line#*ersion } line=${line#* v}
        IFS= read -r word <"$runtime/comm"
        printf 'runtime %s %s\n' "$word" "${line%%[!0-9A-Za-z.+-]*}" ;;
      /proc/self/fd/9*) note "the version of process $pid is not known" ;;
    esac
  done
  held=''
  exec 8<&- 9<&-
}
print_version() { line=${1#*Kubernetes }; case $1 in *'Kubernetes v'[0-9]*) printf 'version %s\n' "${line%%[!0-9A-Za-z.+-]*}" ;; esac; }

# Finds where $process works, and the root of its files: $cwd, $prefix, and $contained where that is not the machine's own.
find_places() {
  top=/ contained='' prefix=$root exe='' cwd=''
  if [ -z "$root" ] && [ "$process/root" -ef / ]; then
    # Where its root is the host's root its files are the host's, whatever mount namespace it has.
    cd -P "$process/cwd" && cwd=$PWD
    cd /
  else
    cwd=$(readlink "$process/cwd")
    if [ -z "$root" ]; then contained=yes prefix=$process/root top=$(readlink "$process/root")
    elif [ -L "$process/root" ] || [ -d "$process/root" ]; then
      place "${process#"$root"}/root" "$root"
      [ "$placed" = "$root" ] || { contained=yes prefix=$placed; top=$(readlink "$process/root"); }
    elif ! same_namespace mnt; then
      contained=yes prefix=/dev/null
      note "the files of process $pid are not below $root: it lives in another mount namespace"
    fi
  fi
  # Seen from outside, the paths of a process that changed its root begin with it.
  case $top in /?*) case $cwd in "$top" | "$top"/*) cwd=${cwd#"$top"} cwd=${cwd:-/} ;; esac ;; esac
  case $cwd in /*[[:cntrl:]]*) cwd='' ;; esac
}
# What stands above the arguments: $1 the kind of process.
print_process() {
  printf 'process %s %s\n' "$1" "$pid"
  [ "$1" = proxy ] || kubelets=yes
  # The program's name on the command line may be a link's, and is only taken where it leads to the program.
  case $root$contained$argv0 in /*) [ "$process/exe" -ef "$argv0" ] && exe=$argv0 ;; esac
  [ -n "$exe" ] || exe=$(readlink "$process/exe")
  exe=${exe%' (deleted)'}
  case $top in /?*) exe=${exe#"$top"} ;; esac
  case $exe in *[[:cntrl:]]*) exe='' ;; esac
  [ -z "$exe" ] || printf 'exe %s\n' "$exe"
  case $cwd in /*) printf 'cwd %s\n' "$cwd" ;; *) note "the working directory of process $pid is not known" ;; esac
  [ -z "$contained" ] || echo contained
  [ -z "$unit" ] || printf 'unit %s\n' "$unit"
  # Fields behind the name, which ends with the last parenthesis (proc(5)); 22 is starttime, in hundredths of a second.
  line=''
  [ -f "$process/stat" ] && while IFS= read -r word; do line="$line$word "; done <"$process/stat"
  # shellcheck disable=SC2086 # fields
  set -- ${line##*) }
  case ${20:-x} in *[!0-9]*) return ;; esac
  at=$((booted + ${20} * 10))
  [ "$booted" = 0 ] || printf 'started %s.%03d %s\n' $((at / 1000)) $((at % 1000)) "$within"
}
# The arguments of $process through the filter, into $told_arguments. $1 their kind in allowed.txt, $2 what it is.
read_arguments() {
  told_arguments=''
  [ -f "$process/cmdline" ] && told_arguments=$(MODE=arguments KIND=$1 HOST=$2 CWD=$cwd COMM=$comm xargs -0 -x -s 125000 awk "$FILTER" <"$process/cmdline")
  # What takes more than one call is not judged by a half.
  case $told_arguments in *"$nl> argv0 "*) told_arguments='' ;; esac
}
# Prints the arguments $2 that files of k3s and MicroK8s hold, as look has left them; $1 their kind in allowed.txt.
take_given() {
  kind=$1
  [ -n "$2" ] || return
  IFS=$nl; set -f
  # shellcheck disable=SC2086 # one argument a line
  set -- $2
  unset IFS; set +f
  take "$(MODE=arguments KIND=$kind HOST=kubelet CWD=$cwd COMM='' awk "$FILTER" kubelet "$@")"
}
# What variable K3S_$1 of the process says: $worth, a question mark for what is no plain and whole path.
of_environment() {
  worth=$(grep -azE "^K3S_$1=." "$process/environ" | tr '\0' '\n')
  worth=${worth#"K3S_$1="}
  case $worth in '') ;; /*) case $worth in *[!A-Za-z0-9_./@+:,-]*) worth='?' ;; esac ;; *) worth='?' ;; esac
}
# What k3s is told: by its configuration, then by its command line, which it may hide (then that of its unit counts); of one
# argument the last counts (k3s-io/k3s pkg/configfilearg/parser.go, pkg/util/args.go). Then the files of its data directory.
read_k3s() {
  given='' proxy_given='' k3s_config='' k3s_data=/var/lib/rancher/k3s
  case $told_arguments in
    *'> argument '* | *'> proxy-argument '* | *'> k3s-'*) take "$told_arguments" ;;
    *) [ -n "$contained" ] || { want_unit "${unit:-k3s.service}"; look; } ;;
  esac
  # Of configurations the variable's counts, then the first that the command line names (findConfigFileFlag).
  of_environment CONFIG_FILE; k3s_config=${worth:-${k3s_config:-/etc/rancher/k3s/config.yaml}}
  of_environment DATA_DIR; [ "$k3s_data" != /var/lib/rancher/k3s ] || k3s_data=${worth:-$k3s_data}
  case $k3s_config$k3s_data in *'?'*)
    echo 'unread its configuration or its data lie where an address, or a path that is not plain and whole, says'
    return ;;
  esac
  of_line=$given of_proxy=$proxy_given data=$k3s_data given='' proxy_given='' k3s_data=''
  want_if "k3s $k3s_config"
  place "$k3s_config.d" "$prefix"
  for file in "$placed"/*; do case $file in *.[yY][aA][mM][lL] | *.[yY][mM][lL]) [ -f "$file" ] && want "k3s $k3s_config.d/${file##*/}" ;; esac; done
  look
  [ "$data" != /var/lib/rancher/k3s ] || data=${k3s_data:-$data}
  take_given flag "$given$of_line"
  for file in 'kubeconfig kubelet.kubeconfig' 'client-ca client-ca.crt' 'serving-certificate serving-kubelet.crt' \
    'serving-key serving-kubelet.key' 'proxy-kubeconfig kubeproxy.kubeconfig' 'dir etc/kubelet.conf.d'; do
    want_if "${file%% *} $data/agent/${file#* }"
  done
  of_proxy=$proxy_given$of_proxy
}

read_process() {
  process=$root/proc/$pid next=$nl known=$nl told=0 of_unit='' held='' argv0='' given='' cert_dir=/var/lib/kubelet/pki comm='' usual=''
  [ -f "$process/comm" ] && IFS= read -r comm <"$process/comm"
  read_group
  find_places
  case $comm in kube-proxy) read_arguments proxyflag proxy ;; *) read_arguments flag "$comm" ;; esac
  argv0=${told_arguments#*'> argv0 '} argv0=${argv0%%"$nl"*}
  case $told_arguments in *'> argv0 '*) ;; *) argv0='' ;; esac
  [ -n "$comm" ] || comm=${argv0##*/}
  case $comm in
    kubelet | kubelet[0-9]* | kubelet-[0-9]* | kubelet-v[0-9]*) host=kubelet ;;
    kube-proxy) host=proxy ;;
    hyperkube) case $told_arguments in *'> kubelet'*) host=hyperkube ;; *) return ;; esac ;;
    kubelite) host=microk8s ;;
    k3s*) host=k3s ;;
    # Of another name it must have a kubelet's arguments.
    *) case $told_arguments in *'> kubelet'*) host=kubelet ;; *) return ;; esac ;;
  esac
  case $told_arguments in *'> script'*) note "process $pid ($comm) is a script, not a kubelet"; return ;; esac
  case $told_arguments in '')
    state=''
    [ -f "$process/status" ] && while read -r word state _; do [ "$word" = State: ] && break; done <"$process/status"
    case $state in Z) note "process $pid ($comm) was left out: it has ended"; return ;; esac
    [ "$host" = proxy ] || host=kubelet kubelets=yes
    printf 'process %s %s\nunread its arguments are empty or could not be read\n' "$host" "$pid"
    return ;;
  esac
  print_process $host
  if [ $host = proxy ]; then take "$told_arguments"; look; return; fi
  case $host in
    k3s) read_k3s; told_arguments='' ;;
    microk8s)
      want 'args /var/snap/microk8s/current/args/kubelet'
      look; take_given flag "$given"
      place /snap/microk8s/current/meta/snap.yaml "$root"
      [ -f "$placed" ] && while IFS= read -r line; do case $line in 'version: v'[0-9]*) print_version "Kubernetes ${line#version: }" ;; esac; done <"$placed" ;;
  esac
  take "$told_arguments"
  if [ -z "$root$contained" ]; then
    case $host in kubelet | hyperkube) exec 9<"$process/exe" && held=/proc/self/fd/9 ;; esac
    [ -n "$runtime" ] && exec 8<"$runtime/exe" && held="$held /proc/self/fd/8"
  elif [ -n "$root" ]; then
    place "$exe" "$prefix"
    [ -f "$placed" ] && print_version "$(head -c 4096 "$placed")"
  fi
  # Only kubelets up to 1.29 look at it. A shell drops the NUL bytes: then grep tells whether it is a variable's name.
  case $told_arguments in *--config[-_]dir*)
    # shellcheck disable=SC2094 # both read
    [ -f "$process/environ" ] && while IFS= read -r line || [ -n "$line" ]; do
      case $line in *KUBELET_CONFIG_DROPIN_DIR_ALPHA=*) grep -qz '^KUBELET_CONFIG_DROPIN_DIR_ALPHA=' "$process/environ" && echo dropin-env; break ;; esac
    done <"$process/environ" ;;
  esac
  # A unit above a container's group is the host's; one below it belongs to the systemd in that container, as with kind.
  case $contained$unit$group in
    yes/* | yes0* | yes) ;;
    yes*.scope/* | yes*/docker/*) want_unit "$unit" ;;
    *)
      case $host in microk8s) usual=snap.microk8s.daemon-kubelite.service ;; k3s) usual=k3s.service ;; *) usual=kubelet.service ;; esac
      of_process=$prefix prefix=$root
      want_unit "${unit:-$usual}"
      [ "$of_process" = "$root" ] || look
      prefix=$of_process ;;
  esac
  case $exe in /*) want "program $exe" ;; esac
  want "client-certificate $cert_dir/kubelet-client-current.pem"
  want_if "serving-certificate $cert_dir/kubelet-server-current.pem"
  # One of a pair is of no use alone.
  for file in crt key; do
    place "$cert_dir/kubelet.$file" "$prefix"
    [ -e "$placed" ] || [ -L "$placed" ] && { want "serving-certificate $cert_dir/kubelet.crt"; want "serving-key $cert_dir/kubelet.key"; }
  done
  # The last is what IAM Roles Anywhere gives a hybrid node its credentials for.
  for file in 'cni /etc/cni/net.d' 'cni /opt/cni/bin' 'client-certificate /etc/iam/pki/server.pem'; do want_if "$file"; done
  look
  # The kube-proxy in the same process.
  if [ "$host" = k3s ] && [ -n "$of_proxy" ]; then printf 'process proxy %s\n' "$pid"; take_given proxyflag "$of_proxy"; look; fi
}

# Bottlerocket runs SSM's agent in its control container, which sees neither the host's processes nor its files, but has the
# client of its API (bottlerocket-core-kit sources/host-ctr/cmd/host-ctr/main.go, withDefault). What that says of the settings
# that allowed.txt lists stands for a kubelet; process 0 is none. A name asks for all settings that begin with it, so none
# there begins the name of a secret. Run is what was opened: root's, writable by nobody else.
ask_bottlerocket() {
  if [ -n "$root" ]; then client=${KUBEVIGIL_TOOLS##*:}/apiclient
  else
    command exec 9</usr/local/bin/apiclient
    client=/proc/self/fd/9
    case $(stat -L -c '%u %a' $client) in '0 '*[0145][0145]) ;; *) note 'apiclient was not asked: it is not there, or may be written by others than root'; client='' ;; esac
  fi
  settings=''
  # shellcheck disable=SC2046 # a word each
  [ -z "$client" ] || settings=$($limit "$client" get $(printf '%s\n' "$ALLOWED" | sed -n 's/\[]//g; s/^bottlerocket [a-z]* //p'))
  case $settings in
    '{'*'"kubernetes"'*)
      settings=$(printf '%s\n' "$settings" | ITEMS="/proc/self/fd/0${tab}settings${tab}file${tab}-${tab}settings" awk "$FILTER")
      echo 'process kubelet 0'
      case $settings in settings* | unread*) take "$settings" ;; *) echo 'unread its settings could not be filtered' ;; esac ;;
    '{'*) note 'this variant of Bottlerocket has no settings for Kubernetes' ;;
    *) printf "process kubelet 0\nunread Bottlerocket's API did not answer\n" ;;
  esac
  exec 9<&-
}

# --- The node --------------------------------------------------------------------------------------------------------
limit=''
command -v timeout >/dev/null && limit='timeout 5'
since() { IFS=' .' read -r seconds part _ </proc/uptime; up=$((seconds * 1000 + ${part#0} * 10)); }
up=0 booted=0 within=1.01 asides='' earlier=0 digested=''
[ -n "$root" ] || { since; earlier=$up; }
# shellcheck disable=SC2046 # two numbers
set -- $(date '+%s %N')
[ -n "$root" ] || since
printf 'time %s\n' "$1"
# When the machine started, in milliseconds since the epoch: by the clock of now and the time since, else by btime.
[ -f "$root/proc/stat" ] && while read -r word line; do [ "$word" = btime ] && booted=$((line * 1000)); done <"$root/proc/stat"
case $root$up${2:-N} in *[!0-9]*) ;; *)
  fraction=${2%??????}; while :; do case $fraction in 0?*) fraction=${fraction#0} ;; *) break ;; esac; done
  booted=$(($1 * 1000 + fraction - up - 10)) within=$((up - earlier + 30)); within=0.$((within / 100))$((within / 10 % 10))$((within % 10)) ;;
esac
id=- version=- variant=-
place /etc/os-release "$root"
[ -f "$placed" ] && while IFS='=' read -r word line || [ -n "$word" ]; do
  line=${line#[\"\']}; line=${line%%[!A-Za-z0-9._-]*}
  case $word in ID) id=${line:--} ;; VERSION_ID) version=${line:--} ;; VARIANT_ID) variant=${line:--} ;; esac
done <"$placed"
printf 'os %s %s %s\n' "$id" "$version" "$variant"
if [ -e "$root/sys/fs/cgroup/cgroup.controllers" ]; then echo cgroup 2; elif [ -d "$root/sys/fs/cgroup/cpu" ]; then echo cgroup 1; fi
[ -f "$root/proc/sys/kernel/hostname" ] && IFS= read -r line <"$root/proc/sys/kernel/hostname" && case $line in '' | *[!A-Za-z0-9._-]*) ;; *) printf 'hostname %s\n' "$line" ;; esac
for file in ipv4=fib_trie ipv6=if_inet6; do [ -f "$root/proc/net/${file#*=}" ] && asides="$asides$root/proc/net/${file#*=}${tab}addresses${tab}file$tab-$tab${file%=*}$nl"; done
[ -d "$root/.bottlerocket" ] && [ ! -d "$root/.bottlerocket/rootfs" ] && { ask_bottlerocket; exit 0; }
for tool in awk xargs stat readlink; do command -v $tool >/dev/null || note "not on this node: $tool"; done
[ -n "$root" ] || [ -O /proc/1 ] || note 'not run as root: some files may look unreadable'
[ -d "$root/proc" ] || note "$root/proc is missing: no process can be seen"
kubelets=''
find_processes
for pid in $unsure; do printf 'process proxy %s\nunread several pods have a kube-proxy, and which of them serves this node is not known\n' "$pid"; done
for pid in $ours; do read_process; done
[ -n "$kubelets" ] || find_by_arguments
[ -n "$kubelets" ] || for pid in $ours; do read_process; done
