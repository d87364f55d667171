/**
 * The probe's questions to HAProxy: only `show` commands, one connection at a time, each at most two seconds. Every
 * query is a connection of its own because an unknown target, or a worker that hangs, loses the rest of a line.
 */
export const HAPROXY = `# Questions to HAProxy stop being asked after six seconds: the files come after them.
late() {
  elapsed
  [ "$((now - begun))" -ge 6 ]
}

# talk COMMAND OPTIONS RUNNER...: socat ends by itself when HAProxy is silent
talk() {
  asked=$1 options=$2
  shift 2
  printf '%s\\n' "$asked" | "$@" socat "-t$patience" stdio "unix-connect:$socket,readbytes=$limit$options"
}

# ask COMMAND: one connection; asked again once, since a reload closes the socket for a moment. A queue of connections
# that is full refuses the first at once, and the second waits in it.
ask() {
  if late; then unasked=1; return 1; fi
  take talk "$1" ,connect-timeout=2
  if [ "$retry" ] && { [ "$status" -ne 0 ] || [ -z "$text" ]; } && ! late; then
    sleep 0.4 || sleep 1
    take talk "$1" '' within 4
  fi
  [ "\${#text}" -lt "$limit" ] || status=200
  say haproxy "$status" "$1" "$text"
  [ "$status" -eq 0 ] || [ "$status" -eq 200 ] || return 1
  [ "$text" ]
}

# reached COMMAND: a worker answers it
reached() {
  ask "$1" || return 1
  case $text in "Can't find the target PID"*) return 1 ;; esac
}

# to_worker COMMAND: after a silence nothing more is asked, it would be silence again
to_worker() {
  [ "$silent" ] && return 1
  ask "$worker$1" && return 0
  silent=1
  return 1
}

# inspect KIND NAME [*]: only names that cannot be read as more than one word of one command
inspect() {
  case $2 in
    *[!A-Za-z0-9._/@:+=,~%' '-]*) say haproxy 201 "\${worker}show ssl $1 $3$2" ''; return ;;
  esac
  rest=$2 word=
  while :; do
    case $rest in
      *' '*) word="$word\${rest%% *}\\\\ " rest=\${rest#* } ;;
      *) break ;;
    esac
  done
  to_worker "show ssl $1 $3$word$rest"
}

# holds KIND PATH: the list, then what is under PATH, under names that end like it, and in open transactions
holds() {
  to_worker "show ssl $1" || return
  list=$text count=0
  [ "$2" ] && inspect "$1" "$2" ''
  for name in $list; do
    case $1 in ca-file) name=\${name% - *} ;; esac
    case $name in
      '#'*) continue ;;
      '*'*) inspect "$1" "\${name#?}" '*' ;;
      "$2") continue ;;
      *)
        [ "\${name##*/}" = "\${2##*/}" ] || continue
        inspect "$1" "$name" ''
        ;;
    esac
    count=$((count + 1))
    [ "$count" -ge 8 ] && break
  done
}

# Finds the word that leads to a worker: @1, a process id where @1 is silent, nothing on a worker's own socket.
find_worker() {
  worker='@1 '
  if reached '@1 show info'; then
    case $text in "Unknown command"*) worker='' ;; esac
    return 0
  fi
  tried=0 retry='' patience=1
  for line in $processes; do
    case $line in [0-9]*worker*) ;; *) continue ;; esac
    pid=\${line%%[!0-9]*}
    if reached "@!$pid show info"; then
      worker="@!$pid " retry=1 patience=2
      return 0
    fi
    tried=$((tried + 1))
    [ "$tried" -ge 3 ] && break
  done
  return 1
}

ask_haproxy() {
  worker='' silent='' unasked='' retry=1 patience=2
  [ "$socket" ] || return
  case $socket in *[!A-Za-z0-9._/@+=~%-]*) say haproxy 201 'show proc' ''; return ;; esac
  if ! command -v socat >/dev/null; then say haproxy 127 'show proc' 'socat: not found'; return; fi
  ask 'show proc' || return
  processes=$text
  case $text in *'<version>'*) ;; *) ask 'show version' ;; esac
  ask 'show startup-logs'
  find_worker || return
  holds cert "$svid"
  holds ca-file "$bundle"
  to_worker 'show stat -1 4 -1'
  [ "$worker" ] && to_worker 'show startup-logs'
}
`;
