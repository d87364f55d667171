/**
 * The probe's questions to HAProxy: only `show` commands, one connection at a time, each for three seconds at most and
 * without a silence of two. What is always asked goes over one connection, since starting socat costs more than all the
 * answers. Before and after each question HAProxy is asked for its version: that shows where an answer ends, and that it
 * came whole. (An unknown target, or a worker that hangs, loses the rest of a line.) What certificates say about
 * themselves may hold any text, so answers that show it come last, where a version in it shifts nothing but is one too
 * many: then they are asked for alone. `takeTalksApart` reads it.
 */
export const HAPROXY = `# Questions to HAProxy stop being asked after six seconds: the files come after them.
late() {
  elapsed
  [ "$((now - begun))" -ge 6 ]
}

# talk LINE OPTIONS: socat ends by itself when HAProxy is silent
talk() {
  asked=$1 options=$2
  printf '%s\\n' "$asked" | within 3 socat "-t$patience" stdio "unix-connect:$socket,readbytes=$limit$options"
}

pause() { sleep 0.4 || sleep 1; }

# ask QUESTION...: over one connection; fails when an answer is missing. Asked again once, since a reload closes the
# socket for a moment. A queue of connections that is full refuses the first at once, and the second waits in it.
ask() {
  if late; then unasked=1; return 1; fi
  line="\${1%"\${1#@* }"}show version"
  for one; do line="$line;$one;\${one%"\${one#@* }"}show version"; done
  take talk "$line" ,connect-timeout=2
  if [ "$retry" ] && { [ "$status" -eq 1 ] || [ -z "$text" ]; } && ! late; then
    pause
    take talk "$line" ''
  fi
  [ "\${#text}" -lt "$limit" ] || status=200
  say talk "$status" "$*" "$text"
  case $status$text in 200* | *"$nl\${text%%"$nl"*}$nl$nl") ;; *) false ;; esac
}

# quote COMMAND NAME: $words is the command with the name as its last word, or nothing if it could be read as more
quote() {
  words='' rest=$2
  case $2 in
    '') return ;;
    *[!*A-Za-z0-9._/@:+=,~%' '-]*) say haproxy 201 "$1 $2" ''; return ;;
  esac
  while :; do
    case $rest in
      *' '*) words="$words\${rest%% *}\\\\ " rest=\${rest#* } ;;
      *) break ;;
    esac
  done
  words="$1 $words$rest"
}

# consult TARGET [QUESTION...]: what is always asked, after questions to the master. Fails when something is missing; the
# second time, only when no worker answers: what is missing is then asked for alone.
consult() {
  to="$1show"
  shift
  set -- "$@" "$to info"
  info=$# found=0 certs='' roots=''
  set -- "$@" "$to startup-logs" "$to ssl ca-file" "$to ssl cert" "$to stat -1 4 -1"
  plain=$#
  quote "$to ssl cert" "$svid"
  [ "$words" ] && set -- "$@" "$words"
  quote "$to ssl ca-file" "$bundle"
  [ "$words" ] && set -- "$@" "$words"
  ask "$@"
  [ "$status" -ne 1 ] || return
  version=\${text%%"$nl"*}
  for line in $text; do
    at=$((found - info))
    case $at$line in
      "$at\${version#[!0-9]}") found=$((found + 1)) ;;
      2\\** | "2\${bundle##*/} - "* | 2*/"\${bundle##*/} - "*) [ "\${#roots}" -gt 9999 ] || roots=$roots$line$nl ;;
      3\\** | 3"\${svid##*/}" | 3*/"\${svid##*/}") [ "\${#certs}" -gt 9999 ] || certs=$certs$line$nl ;;
    esac
  done
  [ "$found" -eq "$(($# + 1))" ] && return
  [ "$retry" ] || [ "$found" -le "$info" ] && return 1
  [ "$found" -le "$#" ] || found=$info
  [ "$found" -le "$plain" ] || found=$((plain + 1))
  shift "$((found - 1))"
  for one; do ask "$one" || break; done
  return 0
}

# Finds the word that leads to a worker: @1, nothing on a worker's own socket, a process id where @1 is silent.
reach() {
  consult '@1 ' && return
  case $text in 'Unknown command'*) consult ''; return ;; esac
  tried=0 patience=1
  for line in $listed; do
    case $line in [0-9]*worker*) ;; *) continue ;; esac
    consult "@!\${line%%[!0-9]*} " && return
    tried=$((tried + 1))
    [ "$tried" -ge 3 ] && break
  done
  return 1
}

# alike KIND PATH LIST: what is in open transactions (after a moment: most are over then), and under other names that end
# like PATH
alike() {
  count=0
  for name in $3; do
    case $1 in ca-file) name=\${name% - *} ;; esac
    case $name in
      '*'*) pause ;;
      "$2") continue ;;
      *) [ "\${name##*/}" = "\${2##*/}" ] || continue ;;
    esac
    quote "$to ssl $1" "$name"
    [ -z "$words" ] || ask "$words" || return
    count=$((count + 1))
    [ "$count" -ge 8 ] && return
  done
}

ask_haproxy() {
  unasked='' retry=1 patience=2
  [ "$socket" ] || return
  case $socket in *[!A-Za-z0-9._/@+=~%-]*) say haproxy 201 'show proc' ''; return ;; esac
  if ! command -v socat >/dev/null; then say haproxy 127 'show proc' 'socat: not found'; return; fi
  if ! consult '@1 ' 'show proc' 'show startup-logs'; then
    [ "$found" -gt 0 ] || return
    retry='' listed=$text
    pause
    reach || return
  fi
  alike cert "$svid" "$certs"
  alike ca-file "$bundle" "$roots"
}
`;
