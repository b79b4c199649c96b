# kubevigil collector for Windows: reads what this node's kubelets run with, changes nothing, and prints one line:
#
#   kubevigil/1 <bytes> <sha256> <base64 of gzip of the text>
#
# The records of the text are described in lambda/nodes/answer/evidence.ts. Of a file or a command line only that leaves which
# allowed.txt lists, printed anew: it stands in front of this text as $Allowed (lambda/nodes/script.ts). This is read.sh,
# filter.awk and certificate.awk in the words of Windows PowerShell 5.1, and follows them function by function.
# KUBEVIGIL_ROOT=DIR reads files below another directory, where C:\a lies in DIR/C/a, and nothing below it is ever run.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$Root = [string]$env:KUBEVIGIL_ROOT
$Utf8 = New-Object System.Text.UTF8Encoding $false, $true
$Out = New-Object System.Text.StringBuilder
$Epoch = New-Object DateTime 1970, 1, 1, 0, 0, 0, ([DateTimeKind]::Utc)
$Drive = 'C:'
if ($Root -ceq '' -and [string]$env:SystemDrive -cmatch '\A[A-Za-z]:\z') { $Drive = $env:SystemDrive }

function Say([string]$Line) { [void]$script:Out.Append($Line + "`n") }
function Say-Note([string]$Text) { Say ('note ' + $Text) }
function New-Map { New-Object 'System.Collections.Generic.Dictionary[string,string]' ([StringComparer]::Ordinal) }
function Get-Seconds([DateTime]$Time) { [Math]::Floor(($Time.ToUniversalTime() - $script:Epoch).TotalSeconds) }

# --- The list ---------------------------------------------------------------------------------------------------------
$May = New-Map
$Names = New-Map
function Read-List {
  foreach ($line in $Allowed.Split("`n")) {
    $words = $line.Trim().Split(' ')
    if ($words.Length -lt 3 -or $words[0] -ceq '#') { continue }
    for ($i = 2; $i -lt $words.Length; $i++) {
      $isFlag = $words[0].EndsWith('flag')
      $name = $words[$i]
      if (-not $isFlag) { $name = $name.ToLowerInvariant() }
      $key = $words[0] + ' ' + $name
      $May[$key] = $words[1]
      while (-not $isFlag -and $key -cmatch '(\.[^.\[\]]*|\[\])\z') {
        $key = $key.Substring(0, $key.Length - $Matches[0].Length)
        if (-not $May.ContainsKey($key)) { $May[$key] = 'object' }
      }
    }
  }
  # Only kubelets of Windows have these (cmd/kubelet/app/options/osflags_windows.go).
  $May['flag windows-service'] = 'bool'
  $May['flag windows-priorityclass'] = 'text'
  $all = 'flag config config flag config-dir dir flag kubeconfig kubeconfig flag bootstrap-kubeconfig kubeconfig flag cert-dir cert-dir flag client-ca-file client-ca flag tls-cert-file serving-certificate flag tls-private-key-file serving-key flag pod-manifest-path static-pods flag volume-plugin-dir volume-plugins flag image-credential-provider-config credential-provider flag image-credential-provider-bin-dir credential-provider kubelet authentication.x509.clientcafile client-ca kubelet tlscertfile serving-certificate kubelet tlsprivatekeyfile serving-key kubelet staticpodpath static-pods kubelet volumeplugindir volume-plugins kubeconfig users[].user.client-certificate client-certificate kubeconfig users[].user.client-key client-key kubeconfig users[].user.tokenfile named kubeconfig clusters[].cluster.certificate-authority authority proxyflag config proxy-config proxyflag kubeconfig proxy-kubeconfig proxy clientconnection.kubeconfig proxy-kubeconfig'.Split(' ')
  for ($i = 0; $i -lt $all.Length; $i += 3) { $Names[$all[$i] + ' ' + $all[$i + 1]] = $all[$i + 2] }
}
# True where the value may stand where the list has the type. Paths of Windows have backslashes and brackets too.
function Test-Fit([string]$Type, [string]$Value) {
  if ($Value.Length -gt 1024) { return $false }
  switch -CaseSensitive ($Type) {
    'bool' { return $Value -cmatch '\A([01tTfFyYnN]|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)\z' }
    'number' { return $Value.Length -le 40 -and $Value -cmatch '\A[-+]?[.0-9][0-9a-fA-FxXo_.+-]*\z' }
    'duration' { return $Value.Length -le 40 -and $Value -cmatch '\A[-+]?[.0-9][0-9.hmsun]*\z' }
    'quantity' { return $Value.Length -le 40 -and $Value -cmatch '\A[-+]?[.0-9][0-9.eE+-]*([numkKMGTPE]i?)?\z' }
    'url' { return $Value -cmatch '\A[a-z][a-z0-9+.-]*://[\]\[A-Za-z0-9_.:-]*(/[A-Za-z0-9_./-]*)?\z' -or ((Test-Plain $Value) -and $Value -cnotmatch '://|@') }
    'path' { return $Value -cmatch '\A[A-Za-z0-9_./\\()+~=@%,:-]([ A-Za-z0-9_./\\()+~=@%,:-]*[A-Za-z0-9_./\\()+~=@%,:-])?\z' -and $Value -cnotmatch ':( |//)' }
    'text' { return (Test-Plain $Value) -and $Value -cnotmatch '://' -and -not (Test-Confiding $Value) }
  }
  return $false
}
function Test-Plain([string]$Value) { $Value -cmatch '\A[\]\[A-Za-z0-9_./+~=@%,:<>*-]+\z' }
# True where one of several "name=value" is by its name a secret, and no switch as feature gates are.
function Test-Confiding([string]$Value) {
  foreach ($part in $Value.Split(',')) {
    if ($part -match '(token|secret|passw|credential|api-?key)[a-z0-9_./-]*=.' -and $part -cnotmatch '=([01tTfF]|true|True|TRUE|false|False|FALSE)\z') { return $true }
  }
  return $false
}
# The value as it may be sent: of an address scheme, host, port and path; no user, parameters, query or fragment.
function Get-Sent([string]$Type, [string]$Value) {
  if ($Type -cne 'url' -or $Value -cnotmatch '\A([a-z][a-z0-9+.-]*://)(.*)\z') { return $Value }
  $scheme = $Matches[1]
  return $scheme + ($Matches[2] -creplace '[;?#].*', '' -creplace '\A[^/]*@', '')
}

# --- Paths ------------------------------------------------------------------------------------------------------------
# The path as Go's filepath.Clean writes it; nothing where it is on no drive of this machine: a share would be asked for by
# the network, with this machine's own credentials.
function Get-Clean([string]$Path) {
  if ($Path -cnotmatch '\A[A-Za-z]:[\\/]') { return '' }
  $parts = New-Object System.Collections.ArrayList
  foreach ($part in $Path.Substring(3).Split([char[]]'\/')) {
    if ($part -ceq '..') { if ($parts.Count -gt 0) { $parts.RemoveAt($parts.Count - 1) } }
    elseif ($part -cne '' -and $part -cne '.') { [void]$parts.Add($part) }
  }
  # A colon further on names another stream of a file, or a device.
  if ([string]::Join('\', $parts.ToArray()) -cmatch '[:*?"<>|\x00-\x1f]') { return '' }
  return $Path.Substring(0, 2) + '\' + [string]::Join('\', $parts.ToArray())
}
# As what runs means it (filepath.Abs): nothing tells the directory in which a process of Windows works.
function Get-Absolute([string]$Path) {
  if ($Path -cmatch '\A[\\/]([^\\/]|\z)') { return Get-Clean ($Drive + $Path) }
  return Get-Clean $Path
}
# As a file in that folder means it (filepath.Join): only what has a drive stands for itself.
function Get-Beside([string]$Folder, [string]$Path) {
  if ($Path -cmatch '\A[A-Za-z]:[\\/]') { return Get-Clean $Path }
  if ($Path -cmatch '\A[\\/]{2}') { return '' }
  return Get-Clean ($Folder + '\' + $Path)
}
function Get-Folder([string]$Path) { $Path.Substring(0, $Path.LastIndexOf('\') + 1) }
# Where the path is on this machine.
function Get-Place([string]$Path) {
  if ($Root -ceq '') { return $Path }
  return $Root + '/' + $Path.Substring(0, 1) + '/' + $Path.Substring(3).Replace('\', '/')
}
# A file that was named, to be looked at next. $Key is what names it.
function Add-Named([string]$Key, [string]$Value) {
  if (-not $Names.ContainsKey($Key) -or $Value -ceq '') { return }
  $asRun = $Key -cmatch '\A[a-z]*flag ' -or $script:Role -ceq 'drop-in' -or $script:Role -ceq 'proxy-config'
  if ($asRun) { $path = Get-Absolute $Value } else { $path = Get-Beside $script:Folder $Value }
  if ($path -ceq '') { [void]$script:Notes.Add($Value + ' was not read: nothing tells on which drive of this machine it is'); return }
  if ($Key -ceq 'flag cert-dir') { $script:CertDir = $path; return }
  Add-Wanted $Names[$Key] $path
}
function Add-Wanted([string]$Role, [string]$Path) {
  $item = $Role + ' ' + $Path
  if (-not $script:Known.ContainsKey($item)) { $script:Known[$item] = ''; $script:Todo.Enqueue($item) }
}
function Add-IfThere([string]$Role, [string]$Path) { if (Test-Path -LiteralPath (Get-Place $Path)) { Add-Wanted $Role $Path } }

# --- Arguments --------------------------------------------------------------------------------------------------------
# The words of a command line as a program of Go splits it, which the kubelet is (go src/os/exec_windows.go, readNextArg):
# by the rules of CommandLineToArgvW, the program's name too, and two quotes within quotes end these.
function Split-Line([string]$Line) {
  $words = New-Object 'System.Collections.Generic.List[string]'
  $i = 0
  while ($i -lt $Line.Length) {
    if ($Line[$i] -eq ' ' -or $Line[$i] -eq "`t") { $i++; continue }
    $word = New-Object System.Text.StringBuilder
    $quoted = $false
    $slashes = 0
    for (; $i -lt $Line.Length; $i++) {
      $c = $Line[$i]
      if ($c -eq '\') { $slashes++; continue }
      if ($c -eq '"') {
        [void]$word.Append('\' * [Math]::Floor($slashes / 2))
        if ($slashes % 2 -eq 0) {
          if ($quoted -and $i + 1 -lt $Line.Length -and $Line[$i + 1] -eq '"') { [void]$word.Append('"'); $i++ }
          $quoted = -not $quoted
        }
        else { [void]$word.Append('"') }
        $slashes = 0
        continue
      }
      if (-not $quoted -and ($c -eq ' ' -or $c -eq "`t")) { $i++; break }
      [void]$word.Append('\' * $slashes).Append($c)
      $slashes = 0
    }
    [void]$word.Append('\' * $slashes)
    $words.Add($word.ToString())
  }
  return , $words
}
function Get-Worth([string]$Type, [string]$Value) {
  $v = Get-Sent $Type $Value
  if ($Type -ceq 'secret') { if ($v.Contains(':')) { return 'REDACTED:REDACTED' }; return 'REDACTED' }
  if ($v -ceq '' -or (Test-Fit $Type $v)) { return $v }
  return 'REDACTED'
}
# The arguments through the list, as pflag splits them. $Of is their kind in the list.
function Say-Arguments([string]$Of, $Words) {
  $wants = ''
  $over = $false
  $loose = $false
  for ($i = 1; $i -lt $Words.Count; $i++) {
    $a = $Words[$i]
    if ($wants -cne '') {
      $v = Get-Worth $May[$wants] $a
      Say ('arg ' + $v)
      if ($v -ceq $a) { Add-Named $wants $a }
      $wants = ''
      $loose = $false
      continue
    }
    if ($a -cmatch '\A--[^-=]' -and -not $over) {
      $e = $a.IndexOf('=')
      if ($e -ge 0) { $n = $a.Substring(2, $e - 2) } else { $n = $a.Substring(2) }
      $key = $Of + ' ' + $n.Replace('_', '-')
      if (-not $May.ContainsKey($key)) {
        if ($n -cnotmatch '\A[A-Za-z][A-Za-z_-]{0,63}\z') { $n = 'REDACTED' }
        if ($e -ge 0) { Say ('arg --' + $n + '=REDACTED') } else { Say ('arg --' + $n) }
        $loose = $e -lt 0
        continue
      }
      if ($e -ge 0) {
        $given = $a.Substring($e + 1)
        $v = Get-Worth $May[$key] $given
        Say ('arg --' + $n + '=' + $v)
        if ($v -ceq $given) { Add-Named $key $v }
      }
      else {
        Say ('arg --' + $n)
        if ($May[$key] -cne 'bool') { $wants = $key }
      }
    }
    elseif ($a -cmatch '\A-[a-zA-Z]' -and -not $over) {
      if ($a -cmatch '\A-(v[= ]?[0-9]*|h)\z') { Say ('arg ' + $a) } else { Say ('arg ' + $a.Substring(0, 2)) }
      if ($a -ceq '-v') { $wants = $Of + ' v' }
    }
    else {
      if ($a -ceq '--') { $over = $true }
      if (-not $loose -and $a -cmatch '\A(true|false|--)?\z') { Say ('arg ' + $a) } else { Say 'arg REDACTED' }
    }
    $loose = $false
  }
}

# --- JSON, and YAML in block style line by line -------------------------------------------------------------------------
function Deny([string]$Reason) {
  if ($script:Why -ceq '') { $script:Why = $Reason + ' (line ' + $script:LineNo + ')' }
  $script:Rest = ''
}
# Files that take very long are withheld rather than that SSM ends the script without an answer (60 seconds).
$Clock = [System.Diagnostics.Stopwatch]::StartNew()
function Look-AtTime { if ($script:Clock.ElapsedMilliseconds -gt 30000) { Deny 'reading took longer than 30 seconds' } }
function Step-Line {
  Look-AtTime
  if ($script:Why -cne '') { return $false }
  if ($script:LineNo -ge $script:Lines.Length) { return $false }
  $script:Rest = $script:Lines[$script:LineNo] -creplace "\r\z", ''
  $script:LineNo++
  if ($script:LineNo -eq 1) { $script:Rest = $script:Rest -creplace '\A\ufeff', '' }
  if ($script:Rest -cmatch '[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]') { Deny 'control characters' }
  return $script:Why -ceq ''
}
function Emit([string]$Text) { if ($script:Mute -eq 0) { [void]$script:Made.Append($Text) } }
function Get-Type([string]$Path) {
  if ($Path -ceq '') { return 'object' }
  $key = $script:Kind + ' ' + $Path
  if ($May.ContainsKey($key)) { return $May[$key] }
  return ''
}
# The path of a key below another: that of any key where that one is a map.
function Get-Below([string]$Path, [string]$Key) {
  $q = $Key.ToLowerInvariant()
  if ($Path -cne '') { $q = $Path + '.' + $q }
  if ((Get-Type $q) -ceq '' -and (Get-Type ($Path + '.{}')) -cne '') {
    if ($Key -cnotmatch '\A[A-Za-z0-9_./-]{1,128}\z') { Deny 'a name of other characters' }
    return $Path + '.{}'
  }
  return $q
}
# A name as it is printed: one that is not listed only of a kubelet, which may ignore it or not start, and only if it is plain.
function Get-Label([string]$Key, [string]$Path) {
  if ((Get-Type $Path) -cne '' -or ($script:Kind -ceq 'kubelet' -and $Key -cmatch '\A[A-Za-z][A-Za-z-]{0,63}\z')) { return $Key }
  $script:Hidden++
  return 'REDACTED-' + $script:Hidden
}
# A scalar as it is printed in its place. $Escaped: it has escapes that are not read here.
function Get-Shown([string]$Path, [string]$Value, [bool]$Quoted, [bool]$Escaped) {
  $t = Get-Type $Path
  if ($t -ceq '' -or (-not $Quoted -and $Value -cmatch '\A(~|null|Null|NULL)?\z')) { return 'null' }
  if ($Quoted -and $Value -ceq '') { return '""' }
  # Of several users or clusters it would take a parser to say whose it is.
  if ($t -ceq 'data') {
    if ($script:Data.ContainsKey($Path) -and $script:Data[$Path] -cne $Value) { $Value = '=' }
    $script:Data[$Path] = $Value
    return '"REDACTED"'
  }
  if ($t -ceq 'present' -or $t -ceq 'object' -or $t -ceq 'header') { return '"REDACTED"' }
  $v = Get-Sent $t $Value
  if ($Escaped -or -not (Test-Fit $t $v)) {
    # What is no number the kubelet refuses, whatever it is; microseconds, escapes and leading noughts may be one.
    if ($script:Kind -cne 'kubeconfig' -and ($t -cmatch 'text|path|url' -or $v.Length -gt 40 -or $Escaped -or $v -cmatch '[^\x00-\x7f]|\\')) { Deny ('a value of ' + $Path + ' in characters that are not sent') }
    return '"REDACTED"'
  }
  Add-Named ($script:Kind + ' ' + $Path) $v
  if ($Quoted -or $v.Contains(' ')) { return '"' + $v.Replace('\', '\\') + '"' }
  return $v
}
# Moves to the next sign: in brackets over line breaks, which stay. Nothing at the end.
function Get-Ahead {
  Look-AtTime
  for (;;) {
    $script:Rest = $script:Rest -creplace '\A[ \t]+', ''
    if ($script:Rest -cne '' -or -not ($script:Json -or $script:Deep -gt 0) -or $script:Why -cne '' -or -not (Step-Line)) {
      if ($script:Rest -ceq '') { return '' }
      return $script:Rest.Substring(0, 1)
    }
    [void]$script:Made.Append("`n")
    if ($script:Json) { continue }
    if ($script:Rest -cmatch '\A(---|\.\.\.|%)|\A[ \t]*#') { Deny 'a sign that takes a parser' }
    [void]$script:Made.Append([regex]::Match($script:Rest, '\A *').Value)
  }
}
function Skip([int]$Count) { if ($Count -ge $script:Rest.Length) { $script:Rest = '' } else { $script:Rest = $script:Rest.Substring($Count) } }
# The scalar or name at the beginning of the rest: $Token, whether it is quoted, and whether it has escapes that are not read.
function Read-Token {
  $script:Token = ''
  $script:IsQuoted = $false
  $script:IsEscaped = $false
  if ($script:Json) { $m = [regex]::Match($script:Rest, '\A"((?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"') }
  else { $m = [regex]::Match($script:Rest, '\A(?:"((?:[^"\\]|\\\\)*)"|''((?:[^'']|'''')*)'')') }
  if ($m.Success) {
    $script:IsQuoted = $true
    $raw = $m.Groups[1].Value + $m.Groups[2].Value
    if ($script:Json -and $raw.Contains("`t")) { Deny 'control characters' }
    if ($m.Groups[2].Success) { $script:IsEscaped = $raw.Contains("'") ; $script:Token = $raw }
    else {
      $script:Token = $raw.Replace('\\', [string][char]0).Replace('\/', '/')
      $script:IsEscaped = $script:Token.Contains('\')
      $script:Token = $script:Token.Replace([string][char]0, '\')
    }
  }
  else {
    if ($script:Json) { $m = [regex]::Match($script:Rest, '\A(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)') }
    else { $m = [regex]::Match($script:Rest, '\A-?[A-Za-z0-9_./+~=][A-Za-z0-9_./+~=@%<>-]*') }
    if (-not $m.Success) { if ($script:Json) { Deny 'it is not JSON' } else { Deny 'a sign that takes a parser' }; return }
    $script:Token = $m.Value
  }
  Skip $m.Length
  if (-not $script:IsQuoted -and $script:Rest -cne '' -and $script:Rest -cnotmatch '\A[\] \t,:}]') { if ($script:Json) { Deny 'it is not JSON' } else { Deny 'a sign that takes a parser' } }
  if (-not $script:IsQuoted -and -not $script:Json -and $script:Rest -cmatch '\A:[^ \t]') { Deny 'a colon in a value' }
}
# A value in brackets or a scalar. Below a header only lists of texts are looked at.
function Read-Value([string]$Path, [int]$Header) {
  $c = Get-Ahead
  $t = Get-Type $Path
  $quiet = $false
  $script:Deep++
  if ($script:Deep -gt 40) { Deny 'brackets in brackets' }
  if ($c -ceq '{' -or $c -ceq '[') {
    if ($Header -eq 2 -or ($Header -gt 0 -and $c -ceq '{')) { Deny 'a header of another form' }
    $end = ']'
    if ($c -ceq '{') { $end = '}' }
    if ($t -ceq '' -or $t -ceq 'present' -or $t -ceq 'header') {
      if ($t -ceq 'header') { Emit ($c + $end) } elseif ($t -ceq 'present') { Emit '"REDACTED"' } else { Emit 'null' }
      $script:Mute++
      $quiet = $true
    }
    Emit $c
    Skip 1
    if ((Get-Ahead) -ceq $end) { Emit $end; Skip 1 }
    else {
      $n = 0
      while ($script:Why -ceq '') {
        if ($n -gt 0) { Emit ',' }
        $n++
        if ($c -ceq '{') {
          [void](Get-Ahead)
          Read-Token
          $k = $script:Token
          $kq = ''
          if ($script:IsQuoted) { $kq = '"' }
          if ($script:Json -and -not $script:IsQuoted) { Deny 'it is not JSON' }
          if ($k.Contains('\') -or $script:IsEscaped -or $k -ceq '' -or (-not $script:Json -and $k -cnotmatch '\A[A-Za-z0-9_./-]+\z')) { Deny 'a name that takes a parser' }
          # YAML wants the colon in the line of the name.
          if (((-not $script:Json -or $script:Kind -ceq 'kubeconfig') -and $script:Rest -cnotmatch '\A[ \t]*:') -or (Get-Ahead) -cne ':') { Deny 'a name without a value' }
          Skip 1
          $q = Get-Below $Path $k
          $label = $kq + (Get-Label $k $q) + $kq + ':'
          if (-not $script:Json) { $label += ' ' }
          Emit $label
        }
        else { $q = $Path + '[]' }
        $below = 0
        if ($t -ceq 'header') { $below = 1 } elseif ($Header -gt 0) { $below = $Header + 1 }
        Read-Value $q $below
        $k = Get-Ahead
        Skip 1
        if ($k -ceq $end) { Emit $k; break }
        if ($k -cne ',') { Deny 'brackets that take a parser' }
      }
    }
    if ($quiet) { $script:Mute-- }
  }
  else {
    Read-Token
    if ($script:Why -ceq '' -and $Header -gt 0 -and ($Header -lt 2 -or -not ($script:IsQuoted -or ($script:Token -cmatch '[A-Za-z]' -and $script:Token -cnotmatch '\A(true|false|null|yes|no|on|off|y|n)\z')))) { Deny 'a header of another form' }
    if ($script:Why -ceq '') { Emit (Get-Shown $Path $script:Token $script:IsQuoted $script:IsEscaped) }
  }
  $script:Deep--
}
# The value of a YAML line, to the end of the line.
function Read-LineValue([string]$Path) {
  if ($script:Rest -cmatch '\A[\[{"'']') {
    Read-Value $Path 0
    if ($script:Rest -cnotmatch '\A[ \t]*\z' -and $script:Rest -cnotmatch '\A[ \t]+#') { Deny 'more than one value in a line' }
    return
  }
  if ($script:Rest -cmatch '\A[\]&*!|>%@`},?#]' -or $script:Rest -cmatch '\A[-:?]([ \t]|\z)') { Deny 'a sign that takes a parser'; return }
  $script:Rest = $script:Rest -creplace '[ \t]+#.*\z', '' -creplace '[ \t]+\z', ''
  if ($script:Rest -cmatch ':[ \t]|:\z|\t') { Deny 'a colon in a value' }
  $v = Get-Shown $Path $script:Rest $false $false
  if ($script:Why -ceq '') { Emit $v }
}
function Read-BlockLine {
  $n = [regex]::Match($script:Rest, '\A *').Length
  Skip $n
  if ($script:Literal -ge 0 -and ($script:Rest -ceq '' -or $n -gt $script:Literal)) { return }
  $script:Literal = -1
  if ($script:Rest -cmatch '\A[ \t]*(#|\z)') { if ($script:Rest -cmatch '\A\t+[^#]') { Deny 'tabs' }; return }
  if ($script:Rest -cmatch '\A\t') { Deny 'tabs'; return }
  $isItem = $script:Rest -cmatch '\A- '
  # A name without a value: what it opens stands further in, or is a list as far out as the name.
  $top = $script:Top
  if ($script:Open) {
    $script:Open = $false
    if (($isItem -and $n -ge $top[$top.Count - 1].Indent) -or (-not $isItem -and $n -gt $top[$top.Count - 1].Indent)) {
      $form = 'map'
      if ($isItem) { $form = 'list' }
      [void]$top.Add((New-Object PSObject -Property @{ Indent = $n; Form = $form; Path = $script:Opened; Shut = $script:OpenShut; Head = $script:OpenHead }))
      if (($script:OpenHead -eq 1 -and $form -cne 'map') -or ($script:OpenHead -gt 1 -and $form -cne 'list')) { Deny 'a header of another form' }
    }
  }
  if ($top.Count -eq 0) { [void]$top.Add((New-Object PSObject -Property @{ Indent = $n; Form = 'map'; Path = ''; Shut = 0; Head = 0 })) }
  while ($top.Count -gt 1 -and ($top[$top.Count - 1].Indent -gt $n -or ($top[$top.Count - 1].Indent -eq $n -and $top[$top.Count - 1].Form -ceq 'list' -and -not $isItem))) { $top.RemoveAt($top.Count - 1) }
  $here = $top[$top.Count - 1]
  if ($here.Indent -ne $n -or $isItem -ne ($here.Form -ceq 'list')) { Deny 'an indentation that takes a parser'; return }
  $script:Mute = $here.Shut
  $p = $here.Path
  $script:OpenHead = 0
  # Of a header names of lists of texts: with another form the kubelet does not start.
  if ($here.Head -eq 2 -and $script:Rest -cnotmatch '\A- +("[^"\\]*"|''[^'']*''|[A-Za-z][^:#\t]*)[ \t]*\z') { Deny 'a header of another form' }
  Emit (' ' * $n)
  if ($isItem) {
    $wide = [regex]::Match($script:Rest, '\A- +').Length
    $n += $wide
    Skip $wide
    $p += '[]'
    Emit '- '
    if ($script:Rest -cmatch '\A(- |-\z|#|\z|\t)') { Deny 'a list in a list'; return }
  }
  $m = [regex]::Match($script:Rest, '\A("[A-Za-z0-9_./-]+"|''[A-Za-z0-9_./-]+''|[A-Za-z0-9_./][A-Za-z0-9_./-]*) *:([ \t]|\z)')
  if (-not $m.Success) {
    if ($here.Form -ceq 'list') { Read-LineValue $p } else { Deny 'a line that is no name with a value' }
    return
  }
  Skip $m.Length
  $k = $m.Groups[1].Value
  $kq = ''
  if ($k -cmatch '\A["'']') { $kq = '"'; $k = $k.Substring(1, $k.Length - 2) }
  if ($here.Form -ceq 'list') {
    $here = New-Object PSObject -Property @{ Indent = $n; Form = 'map'; Path = $p; Shut = $script:Mute; Head = 0 }
    [void]$top.Add($here)
  }
  $p = Get-Below $p $k
  Emit ($kq + (Get-Label $k $p) + $kq + ':')
  $script:Rest = $script:Rest -creplace '\A[ \t]+', ''
  $t = Get-Type $p
  if ($script:Rest -cmatch '\A(#|\z)') {
    $script:Open = $true
    $script:Opened = $p
    $script:OpenShut = $script:Mute
    if ($t -cmatch '\A(present|header)?\z') { $script:OpenShut = 1 }
    if ($here.Head -gt 0) { $script:OpenHead = $here.Head + 1 } elseif ($t -ceq 'header') { $script:OpenHead = 1 }
    if ($t -ceq 'header') { Emit ' {}' } elseif ($t -ceq 'present') { Emit ' "REDACTED"' }
  }
  elseif ($here.Head -gt 0) {
    if ($script:Rest -cnotmatch '\A\[') { Deny 'a header of another form' }
    Read-Value $p 1
    if ($script:Rest -cnotmatch '\A[ \t]*(#.*)?\z') { Deny 'more than one value in a line' }
  }
  elseif ($script:Rest -cmatch '\A[|>][0-9+-]*[ \t]*(#.*)?\z') {
    $script:Literal = $here.Indent
    if ($t -cmatch '\A(bool|number|duration|quantity|text|path|url|object|header|data)\z' -and $script:Mute -eq 0) { Deny ($p + ' is a block of text') }
    if ($t -ceq 'present') { Emit ' "REDACTED"' } else { Emit ' null' }
  }
  else { Emit ' '; Read-LineValue $p }
}
# The text printed anew: $Made, or $Why it cannot be.
function Read-Tree([string]$Text) {
  $script:Lines = $Text.Split("`n")
  if ($Text.EndsWith("`n")) { $script:Lines = @($script:Lines[0..($script:Lines.Length - 2)]) }
  if ($Text -ceq '') { $script:Lines = @() }
  $script:LineNo = 0; $script:Why = ''; $script:Rest = ''; $script:Mute = 0; $script:Deep = 0; $script:Hidden = 0
  $script:Json = $false; $script:Open = $false; $script:OpenHead = 0; $script:OpenShut = 0; $script:Literal = -1
  $script:Top = New-Object System.Collections.ArrayList
  $script:Made = New-Object System.Text.StringBuilder
  $script:Data = New-Map
  $begun = $false
  while ($script:Why -ceq '' -and (Step-Line)) {
    if ($script:LineNo -gt 1) { [void]$script:Made.Append("`n") }
    if (-not $begun -and $script:Rest -cmatch '\A[ \t]*\{') {
      # A kubeconfig is YAML whatever it begins with (client-go tools/clientcmd/api/latest); others are JSON then.
      $begun = $true
      $script:Json = $script:Kind -cne 'kubeconfig' -or $script:Rest -cnotmatch '\A[ \t]*\{[ \t]*[A-Za-z]'
      if ($script:Kind -ceq 'kubeconfig' -and $script:Rest -cmatch '\A *\t') { Deny 'tabs' } else { Read-Value '' 0 }
      if ($script:Why -ceq '' -and (Get-Ahead) -cne '') { Deny 'more than one value' }
    }
    elseif ($script:Rest -cmatch '\A(---|\.\.\.)' -and $script:Literal -lt 0) {
      if ($script:Rest -cnotmatch '\A(---|\.\.\.)[ \t]*\z' -and $script:Rest -cnotmatch '\A(---|\.\.\.)[ \t]+#') { Deny 'text behind ---' }
      if ($script:Why -ceq '') { [void]$script:Made.Append($script:Rest.Substring(0, 3)) }
      # The kubelet reads the first document alone.
      if ($begun -or $script:Rest -cmatch '\A\.') { break }
      $begun = $true
    }
    elseif ($script:Rest -cmatch '\A%') { Deny 'a directive' }
    else {
      if ($script:Rest -cnotmatch '\A[ \t]*(#|\z)') { $begun = $true }
      Read-BlockLine
    }
  }
}

# --- Certificates: their public facts, as X509Certificate2 reads them; not a byte of a key ------------------------------
function Say-Certificates([string]$Use, [string]$Path, [string]$Text) {
  $most = 10
  if ($Use -ceq 'serving-certificate') { $most = 1 }
  $script:Seen = 0
  $script:Damaged = 0
  $inside = $false
  $block = ''
  foreach ($raw in $Text.Split("`n")) {
    $line = $raw.TrimEnd([char[]]" `t`r")
    if ($line -ceq '-----BEGIN CERTIFICATE-----') { $block = ''; $inside = $true }
    elseif ($line -ceq '-----END CERTIFICATE-----') {
      # What is no base64 is no block (Go, encoding/pem).
      if ($inside -and $block.Length % 4 -eq 0 -and $block -cnotmatch '=[^=]|===') { Say-Certificate $Use $Path $block $most }
      $inside = $false
    }
    elseif ($inside -and $line -cmatch '\A[A-Za-z0-9+/=]+\z') { if ($block.Length -lt 65536) { $block += $line } }
    else { $inside = $false }
  }
  $head = 'certificate ' + $Use + ' ' + $Path
  if ($script:Seen -eq 0 -and $script:Damaged -eq 0) { Say $head; Say 'problem no certificate in it' }
  if ($script:Seen -gt $most -and $most -gt 1) { Say $head; Say ('problem ' + ($script:Seen - $most) + ' more certificates in it are not told') }
}
function Say-Certificate([string]$Use, [string]$Path, [string]$Block, [int]$Most) {
  $head = 'certificate ' + $Use + ' ' + $Path
  try {
    [byte[]]$der = [Convert]::FromBase64String($Block)
    # Its first element is all of it, so that nothing else is made of it than a certificate.
    if ($der.Length -lt 4 -or $der[0] -ne 48 -or (Get-End $der 0) -ne $der.Length) { throw 'damaged' }
    $x = New-Object System.Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList (, $der)
    $told = New-Object System.Collections.ArrayList
    [void]$told.Add('issuer ' + (Get-Name $x.IssuerName))
    [void]$told.Add('from ' + (Get-Seconds $x.NotBefore))
    [void]$told.Add('to ' + (Get-Seconds $x.NotAfter))
    [void]$told.Add('subject ' + (Get-Name $x.SubjectName))
    foreach ($extension in $x.Extensions) { if ($extension.Oid.Value -ceq '2.5.29.17') { Add-Alternatives $extension.RawData $told } }
    [void]$told.Add('serial ' + ($x.SerialNumber.ToLowerInvariant() -creplace '\A00(?=.)', ''))
    if ($Use -ceq 'authority' -or $Use -ceq 'client-ca') { [void]$told.Add('sha256 ' + (Get-Digest $der)) }
  }
  catch {
    if ($script:Damaged -eq 0 -or $script:Seen + $script:Damaged -lt $Most) { Say $head; Say 'problem its certificate is damaged' }
    $script:Damaged++
    return
  }
  $script:Seen++
  if ($script:Seen -gt $Most) { return }
  Say $head
  foreach ($line in $told) { Say $line }
}
# An X.501 name as RFC 2253 writes it: 0x141 is Reversed, DoNotUseQuotes, UseNewLines. Of its characters the plain ones.
function Get-Name($Name) {
  $parts = @()
  foreach ($line in $Name.Decode([System.Security.Cryptography.X509Certificates.X500DistinguishedNameFlags]0x141).Split("`n")) {
    $e = $line.IndexOf('=')
    if ($e -lt 1) { continue }
    $kind = $line.Substring(0, $e).Trim()
    if ($kind -ceq 'S') { $kind = 'ST' } elseif ($kind -ceq 'SERIALNUMBER') { $kind = 'serialNumber' } elseif ($kind -cnotmatch '\A(CN|O|OU|C|L|ST|DC)\z') { $kind = 'OID' }
    $value = $line.Substring($e + 1).TrimEnd("`r")
    if ($value.Length -gt 256) { $value = $value.Substring(0, 256) }
    $parts += $kind + '=' + ($value -creplace '[^A-Za-z0-9 ._:@/*()+,=-]', '?' -creplace '([,+])', '\$1')
  }
  return [string]::Join(',', $parts)
}
# Where the content of the DER element at $At begins, and where it ends.
function Get-Begin([byte[]]$Der, [int]$At) { if ($Der[$At + 1] -lt 128) { return $At + 2 }; return $At + 2 + ($Der[$At + 1] - 128) }
function Get-End([byte[]]$Der, [int]$At) {
  $begin = Get-Begin $Der $At
  if ($Der[$At + 1] -lt 128) { return $begin + $Der[$At + 1] }
  if ($Der[$At + 1] -gt 131) { throw 'damaged' }
  $length = 0
  for ($i = $At + 2; $i -lt $begin; $i++) { $length = $length * 256 + $Der[$i] }
  return $begin + $length
}
# Names and addresses of subjectAltName (RFC 5280).
function Add-Alternatives([byte[]]$Der, $Told) {
  $n = 0
  $at = Get-Begin $Der 0
  while ($at -lt $Der.Length -and $n -lt 32) {
    $begin = Get-Begin $Der $at
    $end = Get-End $Der $at
    $value = ''
    if ($Der[$at] -eq 130) {
      for ($i = $begin; $i -lt $end -and $i -lt $begin + 256; $i++) {
        $c = [string][char]$Der[$i]
        if ($c -cmatch '\A[A-Za-z0-9.*_-]\z') { $value += $c } else { $value += '?' }
      }
      $value = 'DNS:' + $value
    }
    elseif ($Der[$at] -eq 135 -and ($end - $begin -eq 4 -or $end - $begin -eq 16)) {
      $value = 'IP:' + (New-Object System.Net.IPAddress -ArgumentList (, [byte[]]$Der[$begin..($end - 1)])).ToString()
    }
    if ($value -cne '') { $n++; [void]$Told.Add('name ' + $value) }
    $at = $end
  }
}
function Get-Digest([byte[]]$Bytes) {
  # The one that works where only FIPS's own may.
  $sha = New-Object System.Security.Cryptography.SHA256CryptoServiceProvider
  return [BitConverter]::ToString($sha.ComputeHash($Bytes)).Replace('-', '').ToLowerInvariant()
}

# --- Files --------------------------------------------------------------------------------------------------------------
# What is read of a file: its bytes, or why not. The facts are those of the file that was opened.
function Read-File([string]$Place, [int]$Most) {
  $file = New-Object PSObject -Property @{ State = 'file'; Size = '-'; Bytes = $null; Why = '' }
  try {
    $stream = [System.IO.File]::Open($Place, 'Open', 'Read', ([System.IO.FileShare]'ReadWrite, Delete'))
    try {
      $file.Size = [string]$stream.Length
      if ($stream.Length -gt $Most) { $file.Why = 'larger'; return $file }
      $bytes = New-Object byte[] ([int]$stream.Length)
      $got = 0
      while ($got -lt $bytes.Length) {
        $more = $stream.Read($bytes, $got, $bytes.Length - $got)
        if ($more -le 0) { $file.Why = 'changed'; break }
        $got += $more
      }
      $file.Bytes = $bytes
    }
    finally { $stream.Close() }
  }
  catch { $file.State = 'unreadable' }
  return $file
}
$Rights = New-Map
foreach ($pair in 'CC=1 DC=2 LC=4 SW=8 RP=16 WP=32 DT=64 LO=128 CR=256 SD=65536 RC=131072 WD=262144 WO=524288 GA=268435456 GX=536870912 GW=1073741824 GR=2147483648 FA=2032127 FR=1179785 FW=1179926 FX=1179808'.Split(' ')) { $Rights[$pair.Split('=')[0]] = $pair.Split('=')[1] }
$Accounts = New-Map
foreach ($pair in 'BA=S-1-5-32-544 BU=S-1-5-32-545 BG=S-1-5-32-546 PU=S-1-5-32-547 SO=S-1-5-32-549 BO=S-1-5-32-551 SY=S-1-5-18 LS=S-1-5-19 NS=S-1-5-20 WD=S-1-1-0 CO=S-1-3-0 CG=S-1-3-1 OW=S-1-3-4 AU=S-1-5-11 IU=S-1-5-4 NU=S-1-5-2 SU=S-1-5-6 AN=S-1-5-7 AC=S-1-15-2-1'.Split(' ')) { $Accounts[$pair.Split('=')[0]] = $pair.Split('=')[1] }
function Get-Account([string]$Text) {
  if ($Text -cmatch '\AS-1-[0-9-]{1,180}\z') { return $Text }
  if ($Accounts.ContainsKey($Text)) { return $Accounts[$Text] }
  return '-'
}
# Owner and writers of a security descriptor in its string format (Microsoft, "ACE strings"): who may write data, append,
# delete, change the list or the owner, unless an entry is for what is made below alone. Nothing where it cannot be read.
function Get-Access([string]$Sddl) {
  if ($Sddl -cnotmatch '\AO:(S-[0-9-]+|[A-Z]{2})') { return '' }
  $told = @(Get-Account $Matches[1])
  $list = [regex]::Match($Sddl, 'D:[A-Z]*(\(.*?\))(?=S:|\z)', 'Singleline')
  # Without a list everybody may do everything.
  if (-not $list.Success) { if ($Sddl -cmatch 'D:') { return 'access ' + $told[0] }; return 'access ' + $told[0] + ' S-1-1-0' }
  foreach ($entry in [regex]::Matches($list.Groups[1].Value, '\(([^()]*)')) {
    $fields = $entry.Groups[1].Value.Split(';')
    if ($fields.Length -lt 6 -or $fields[0] -cnotmatch '\AX?A\z' -or $fields[1] -cmatch 'IO') { continue }
    [long]$mask = 0
    if ($fields[2] -cmatch '\A0x[0-9a-fA-F]{1,8}\z') { $mask = [Convert]::ToInt64($fields[2].Substring(2), 16) }
    elseif ($fields[2] -cmatch '\A([A-Z]{2})*\z') { for ($i = 0; $i -lt $fields[2].Length; $i += 2) { $key = $fields[2].Substring($i, 2); if ($Rights.ContainsKey($key)) { $mask = $mask -bor [long]$Rights[$key] } } }
    else { $mask = 2 }
    $who = Get-Account $fields[5]
    if (($mask -band 0x500d0006L) -ne 0 -and -not ($told[1..20] -ccontains $who)) { $told += $who }
  }
  if ($told.Count -gt 21) { $told = $told[0..20] }
  return 'access ' + [string]::Join(' ', $told)
}
$Read = 'config', 'drop-in', 'kubeconfig', 'client-ca', 'authority', 'client-certificate', 'serving-certificate', 'proxy-config'
$Kept = 'client-ca', 'authority', 'client-certificate', 'serving-certificate'
function Look {
  while ($script:Todo.Count -gt 0) {
    $item = $script:Todo.Dequeue()
    $at = $item.IndexOf(' ')
    $role = $item.Substring(0, $at)
    $path = $item.Substring($at + 1)
    if ($role -ceq 'dir') { Say-DropIns $path; continue }
    $script:Told++
    if ($script:Told -gt 400) { if ($script:Told -lt 421) { Say ('file ' + $role + ' unreadable - - - - - - ' + $path) }; continue }
    Look-At $role $path
  }
}
function Look-At([string]$Role, [string]$Path) {
  $place = Get-Place $Path
  $file = New-Object PSObject -Property @{ State = 'missing'; Size = '-'; Bytes = $null; Why = '' }
  $most = 65536
  if ($Role -ceq 'client-ca' -or $Role -ceq 'authority') { $most = 262144 }
  $link = '-'
  $time = '-'
  $info = $null
  try { $info = Get-Item -LiteralPath $place -Force } catch { if (Test-Path -LiteralPath $place) { $file.State = 'unreadable' } }
  if ($null -ne $info) {
    if (($info.Attributes -band [System.IO.FileAttributes]::ReparsePoint) -ne 0) { $link = 'link' }
    # Of a link the time of what it leads to is not told, for it is the link's own.
    else { $time = [string](Get-Seconds $info.LastWriteTimeUtc) }
    if (($info.Attributes -band [System.IO.FileAttributes]::Directory) -ne 0) { $file.State = 'directory' }
    elseif ($Read -ccontains $Role) { $file = Read-File $place $most }
    else { $file.State = 'file'; if ($link -ceq '-') { $file.Size = [string]$info.Length } }
  }
  Say ('file ' + $Role + ' ' + $file.State + ' - - - ' + $file.Size + ' ' + $time + ' ' + $link + ' ' + $Path)
  if ($null -ne $info) {
    $access = ''
    try { $access = Get-Access ([string](Get-Acl -LiteralPath $place).Sddl) } catch { $access = '' }
    if ($access -cne '') { Say $access }
    $script:Access[$Path] = $access
  }
  if ($file.State -cne 'file' -or -not ($Read -ccontains $Role)) { return }
  if ($file.Why -ceq 'larger') {
    if ($Kept -ccontains $Role) { Say ('certificate ' + $Role + ' ' + $Path); Say 'problem larger than is read' } else { Say 'withheld larger than 65536 bytes' }
    return
  }
  if ($Kept -ccontains $Role) { Say-Certificates $Role $Path ([System.Text.Encoding]::ASCII.GetString($file.Bytes)); return }
  Say-Contents $Role $Path $file
}
function Say-Contents([string]$Role, [string]$Path, $File) {
  $script:Role = $Role
  $script:Folder = Get-Folder $Path
  $script:Kind = 'kubelet'
  if ($Role -ceq 'kubeconfig') { $script:Kind = 'kubeconfig' } elseif ($Role -ceq 'proxy-config') { $script:Kind = 'proxy' }
  $text = $null
  try { $text = $Utf8.GetString($File.Bytes) } catch { Say 'withheld it is not UTF-8 (line 0)'; return }
  if ($File.Why -cne '') { Say 'withheld it changed while it was read'; return }
  # What a text names that is withheld is not looked at.
  $before = $script:Todo.ToArray()
  Read-Tree $text
  if ($script:Why -cne '') {
    $script:Todo.Clear()
    foreach ($each in $before) { $script:Todo.Enqueue($each) }
    Say ('withheld ' + $script:Why)
    return
  }
  Say 'content'
  if ($File.Bytes.Length -gt 0) { foreach ($line in $script:Made.ToString().Split("`n")) { Say ('|' + $line) } }
  if ($script:Kind -cne 'kubeconfig') { return }
  foreach ($key in @($script:Data.Keys)) {
    $use = 'client-certificate'
    if ($key.Contains('authority')) { $use = 'authority' }
    $pem = ''
    if ($script:Data[$key] -ceq '=') { Say ('certificate ' + $use + ' ' + $Path); Say 'problem it embeds several, and which of them counts was not read'; continue }
    try { $pem = [System.Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($script:Data[$key])) } catch { $pem = '' }
    Say-Certificates $use $Path $pem
  }
}
# Every *.conf below a --config-dir in the kubelet's order; a name that the answer cannot carry may hide one that says the contrary.
function Say-DropIns([string]$Path) {
  $place = Get-Place $Path
  $state = 'directory'
  if (-not (Test-Path -LiteralPath $place)) { $state = 'missing' }
  elseif (-not (Test-Path -LiteralPath $place -PathType Container)) { $state = 'other' }
  else {
    try {
      $found = @(Get-ChildItem -LiteralPath $place -Recurse -Force | Where-Object { $_.Name -clike '*.conf' })
      if ($found.Count -gt 100) { $state = 'unreadable' }
      foreach ($each in @($found | Select-Object -First 100)) {
        $rest = $each.FullName.Substring($place.Length).Replace('/', '\').TrimStart('\')
        if (Test-Fit 'path' $rest) { Add-Wanted 'drop-in' ($Path + '\' + $rest) } else { $state = 'unreadable' }
      }
    }
    catch { $state = 'unreadable' }
  }
  Say ('dir ' + $state + ' ' + $Path)
}

# --- Processes ----------------------------------------------------------------------------------------------------------
# SYSTEM's own processes of session 0, where services are: what a pod runs has a session and accounts of its own, unless the
# pod is one of the host (Microsoft, "Isolation modes"; Kubernetes, HostProcess pods).
function Test-Ours($Process) {
  if ($Process.SessionId -ne 0) { return $false }
  try { return (Invoke-CimMethod -InputObject $Process -MethodName GetOwnerSid).Sid -ceq 'S-1-5-18' } catch { return $false }
}
# The service whose process this is, or whose process has started it, at most five steps up.
function Get-ServiceName($Process, $All, $Services) {
  for ($steps = 0; $steps -lt 6 -and $null -ne $Process; $steps++) {
    foreach ($service in $Services) { if ($service.ProcessId -ne 0 -and $service.ProcessId -eq $Process.ProcessId) { return [string]$service.Name } }
    $child = $Process
    $Process = $null
    foreach ($each in $All) {
      # A number is given again when its process has ended.
      if ($each.ProcessId -eq $child.ParentProcessId -and $each.ProcessId -ne $child.ProcessId -and $each.CreationDate -le $child.CreationDate) { $Process = $each; break }
    }
  }
  return ''
}
# What the kubelet says its version is. Run is what only SYSTEM, Administrators and TrustedInstaller may write; below another
# root nothing is run, and a small stand-in says its version in its text.
function Say-Version([string]$Exe) {
  $text = ''
  if ($Root -cne '') {
    $file = Read-File (Get-Place $Exe) 4096
    if ($null -ne $file.Bytes) { $text = [System.Text.Encoding]::ASCII.GetString($file.Bytes) }
  }
  else {
    $access = ''
    if ($script:Access.ContainsKey($Exe)) { $access = $script:Access[$Exe] }
    if ($access -cnotmatch '\Aaccess( (S-1-5-18|S-1-5-32-544|S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464))+\z') { Say-Note 'version not asked: the program of the kubelet may be written by others than administrators'; return }
    try {
      $start = New-Object System.Diagnostics.ProcessStartInfo $Exe, '--version'
      $start.UseShellExecute = $false
      $start.RedirectStandardOutput = $true
      $asked = [System.Diagnostics.Process]::Start($start)
      $line = $asked.StandardOutput.ReadLineAsync()
      if ($line.Wait(5000)) { $text = [string]$line.Result }
      if (-not $asked.WaitForExit(1000)) { $asked.Kill() }
    }
    catch { $text = '' }
  }
  if ($text -cmatch 'Kubernetes (v[0-9][0-9A-Za-z.+-]{0,99})') { Say ('version ' + $Matches[1]) } else { Say-Note 'the version of the kubelet is not known' }
}
function Say-Process($Process, [string]$Kind, $All, $Services) {
  $script:Known = New-Map
  $script:Access = New-Map
  $script:Todo = New-Object 'System.Collections.Generic.Queue[string]'
  $script:Told = 0
  $script:CertDir = $Drive + '\var\lib\kubelet\pki'
  $script:Role = ''
  $script:Folder = ''
  Say ('process ' + $Kind + ' ' + [int]$Process.ProcessId)
  $line = [string]$Process.CommandLine
  if ($line -ceq '' -or $line.Length -gt 32767) { Say 'unread its arguments are empty or could not be read'; return }
  $exe = Get-Clean ([string]$Process.ExecutablePath)
  if ($exe -cne '' -and (Test-Fit 'path' $exe)) { Say ('exe ' + $exe) } else { $exe = '' }
  Say ('cwd ' + $Drive + '\Windows\System32')
  $service = Get-ServiceName $Process $All $Services
  if ($service -cmatch '\A\w[\w.-]{0,79}\z') { Say ('unit ' + $service) }
  if ($null -ne $Process.CreationDate) {
    $ms = [Math]::Floor((([DateTime]$Process.CreationDate).ToUniversalTime() - $Epoch).TotalMilliseconds)
    Say ('started ' + [Math]::Floor($ms / 1000) + '.' + ([long]($ms % 1000)).ToString('000') + ' 0.010')
  }
  $words = Split-Line $line
  if ($Kind -ceq 'proxy') { Say-Arguments 'proxyflag' $words; Look; return }
  Say-Arguments 'flag' $words
  if ($exe -cne '') { Add-Wanted 'program' $exe }
  Add-Wanted 'client-certificate' ($script:CertDir + '\kubelet-client-current.pem')
  Add-IfThere 'serving-certificate' ($script:CertDir + '\kubelet-server-current.pem')
  # One of a pair is of no use alone.
  $pair = ($script:CertDir + '\kubelet.crt'), ($script:CertDir + '\kubelet.key')
  if ((Test-Path -LiteralPath (Get-Place $pair[0])) -or (Test-Path -LiteralPath (Get-Place $pair[1]))) { Add-Wanted 'serving-certificate' $pair[0]; Add-Wanted 'serving-key' $pair[1] }
  Look
  if ($exe -cne '') { Say-Version $exe }
}
function Say-Node {
  Say ('time ' + (Get-Seconds ([DateTime]::UtcNow)))
  $os = Get-CimInstance -ClassName Win32_OperatingSystem
  $version = [string]$os.Version
  if ($version -cnotmatch '\A[0-9.]{1,40}\z') { $version = '-' }
  Say ('os windows ' + $version + ' -')
  $name = [string]$os.CSName
  if ($name -cmatch '\A[A-Za-z0-9._-]{1,253}\z') { Say ('hostname ' + $name) }
  $addresses = @(Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration -Filter 'IPEnabled=TRUE' | ForEach-Object { $_.IPAddress } | Where-Object { [string]$_ -cmatch '\A[0-9a-fA-F.:]{2,45}\z' -and [string]$_ -cnotmatch '\A(127\.|fe80:)' } | Select-Object -Unique)
  if ($addresses.Count -le 64) { foreach ($each in $addresses) { Say ('address ' + $each) } }
  $all = @(Get-CimInstance -ClassName Win32_Process)
  $services = @(Get-CimInstance -ClassName Win32_Service)
  $count = 0
  $strangers = @()
  foreach ($process in $all) {
    $is = [string]$process.Name
    if ($is -ine 'kubelet.exe' -and $is -ine 'kube-proxy.exe') { continue }
    if (-not (Test-Ours $process)) { $strangers += [int]$process.ProcessId; continue }
    $count++
    if ($count -gt 20) { continue }
    $kind = 'kubelet'
    if ($is -ieq 'kube-proxy.exe') { $kind = 'proxy' }
    $script:Notes = New-Object System.Collections.ArrayList
    Say-Process $process $kind $all $services
    foreach ($note in $script:Notes) { Say-Note $note }
  }
  if ($strangers.Count -gt 0) { Say-Note ('left out, for they are not of SYSTEM in session 0: processes ' + [string]::Join(' ', @($strangers | Select-Object -First 5))) }
}

# --- The answer ---------------------------------------------------------------------------------------------------------
function Get-Envelope([string]$Text) {
  $bytes = $Utf8.GetBytes($Text)
  $memory = New-Object System.IO.MemoryStream
  $zip = New-Object System.IO.Compression.GZipStream $memory, ([System.IO.Compression.CompressionMode]::Compress)
  $zip.Write($bytes, 0, $bytes.Length)
  $zip.Close()
  return 'kubevigil/1 ' + $bytes.Length + ' ' + (Get-Digest $bytes) + ' ' + [Convert]::ToBase64String($memory.ToArray())
}
$answer = ''
try {
  Read-List
  Say-Node
  $answer = $Out.ToString()
}
catch { $answer = 'refused the collector failed: ' + $_.Exception.GetType().Name + ' in line ' + $_.InvocationInfo.ScriptLineNumber + "`n" }
$line = ''
# The reader unpacks 160 KiB and 10,000 lines; GetCommandInvocation carries 24,000 characters: say so rather than be cut.
if ($answer.Length -lt 163840) { $line = Get-Envelope $answer }
if ($line -ceq '' -or $line.Length -gt 23500) { $line = Get-Envelope "refused the answer would be longer than 23500 characters or 160 KiB`n" }
[Console]::Out.Write($line + "`n")
