/**
 * The probe's look at files. Of certificate files only certificates leave the pod, of the private key only the public
 * half as openssl prints it, of haproxy.cfg only the lines that say which certificates are used where.
 */
export const FILES = `form='%F|%u|%g|%a|%s|%Y'
look() {
  if [ -h "$1" ] && ! [ -e "$1" ]; then stat -c "$form" -- "$1"; else stat -L -c "$form" -- "$1"; fi
}

# Opens it: who may is a matter of user, groups, mode and more. Never a pipe or a device.
readable() {
  if [ -d "$1" ]; then
    [ -r "$1" ] && [ -x "$1" ]
  elif [ -f "$1" ]; then
    true <"$1"
  else
    return 1
  fi
}

text_file() {
  [ -f "$1" ] && readable "$1" || { echo 'not a readable file'; return 1; }
}

# through FILTER PATH: of a large file only the beginning (200: it was cut)
through() {
  text_file "$2" || return
  if [ "$large" ]; then
    head=$(head -c "$limit" <"$2") || return
    printf '%s\\n' "$head" | "$1"
    [ "\${#head}" -lt "$((limit - 1))" ] || return 200
  else
    "$1" <"$2"
  fi
}

# At least 32 MiB below the memory limit of the container, if it has one.
headroom() {
  group=/sys/fs/cgroup idle=0 limit='' used=''
  if [ -r "$group/memory.max" ]; then
    read -r limit <"$group/memory.max"
    read -r used <"$group/memory.current"
    idle=$(grep '^inactive_file ' <"$group/memory.stat")
  elif [ -r "$group/memory/memory.limit_in_bytes" ]; then
    group=$group/memory
    read -r limit <"$group/memory.limit_in_bytes"
    read -r used <"$group/memory.usage_in_bytes"
    idle=$(grep '^total_inactive_file ' <"$group/memory.stat")
  else
    return 0
  fi
  case $limit in max | ????????????????*) return 0 ;; esac
  idle=\${idle##* }
  case $limit$used\${idle:-0} in *[!0-9]*) return 1 ;; esac
  [ "$used" ] && [ "$((limit - used + \${idle:-0}))" -ge 33554432 ]
}

half() {
  within 3 openssl pkey -pubout -passin pass: <"$1"
}

# The public half only: what openssl says is repeated when it is exactly that.
public_key() {
  text_file "$1" || return
  command -v openssl >/dev/null || { echo 'openssl: not found'; return 127; }
  headroom || { echo 'not enough memory left to run openssl'; return 202; }
  found=$(half "$1") || { echo 'openssl reads no private key in it'; return 1; }
  case $found in
    *PRIVATE*) return 1 ;;
    '-----BEGIN PUBLIC KEY-----'*'-----END PUBLIC KEY-----') printf '%s\\n' "$found" ;;
    *) return 1 ;;
  esac
}

# Lines of haproxy.cfg that say which certificates are used where; values that may be credentials stay here. Sections
# that have nothing to do with it are left as their keyword alone, so that their lines don't join the section before.
directives() {
  kept='global|defaults|frontend|listen|backend'
  void='userlist|peers|resolvers|mailers|cache|http-errors|ring|log-forward|log-profile|fcgi-app|program|crt-store|traces|acme'
  words='server|server-template|default-server|bind|mode|crt-base|ca-base|ssl-load-extra-files|ssl-server-verify|daemon|tune\\.bufsize|(no[[:blank:]]+)?option[[:blank:]]+httpchk|http-check'
  grep -nE "^[[:blank:]]*($kept|$void|$words)([[:blank:]]|\\$)" |
    sed -E -e "s/^([0-9]+:[[:blank:]]*($void))([[:blank:]].*)?\\$/\\1/" \\
      -e "/^[0-9]+:[[:blank:]]*($kept|$void)([[:blank:]]|\\$)/h" \\
      -e "/^[0-9]+:[[:blank:]]*($kept|$void)([[:blank:]]|\\$)/!{" -e x -e "/^[0-9]+:[[:blank:]]*($void)\\$/{" -e x -e d -e '}' -e x -e '}' \\
      -e 's/^([0-9]+:[[:blank:]]*http-check[[:blank:]]*[a-z-]*).*/\\1/' \\
      -e 's/^([0-9]+:[[:blank:]]*(no[[:blank:]]+)?option[[:blank:]]*httpchk).*/\\1/' \\
      -e "s/[[:blank:]]#[^\\"']*\\$//"
}

# What id -u, id -g and id -G say, without a process where the kernel says it.
identify() {
  own=''
  while IFS=' \t' read -r name real effective rest; do
    case $name in
      [UG]id:) echo "$effective"; own=$effective ;;
      Groups:) echo $own $real $effective $rest ;;
    esac
  done 2>/dev/null </proc/self/status
  [ "$own" ] || { id -u && id -g && id -G; }
}

# stats PATH...: all at once; sizes first, and what tells that a file has been replaced or written meanwhile
stats() { stat -L -c "%s|$form|%i|%y" -- "$@"; }

# remember NAME: what was taken last, under a name
remember() { eval "text_$1=\\$text status_$1=\\$status"; }

# recall NAME ID PATH: says it
recall() {
  [ "$3" ] || return
  eval "text=\\$text_$1 status=\\$status_$1"
  say "$2" "$status" "$3" "$text"
}

look_at_files() {
  take identify
  say whoami "$status" '' "$text"
  set --
  for path in "$socket" "$directory" "$svid" "$key" "$bundle"; do
    [ "$path" ] && set -- "$@" "$path"
  done
  # Again where they change meanwhile.
  for attempt in 1 2 3; do
    before=$(stats "$@")
    found=$? large=1
    [ "$before" ] && large=''
    for line in $before; do [ "\${line%%|*}" -le "$limit" ] || large=1; done
    take through pem "$svid"; remember svid
    take through pem "$bundle"; remember bundle
    take public_key "$key"; remember key
    [ "$before" = "$(stats "$@")" ] && break
  done
  for path in "$@"; do
    if [ "$found" -eq 0 ]; then
      text=\${before%%"$nl"*} before=\${before#*"$nl"} status=0
      text=\${text#*|}
      text=\${text%|*|*}$nl
    else
      take look "$path"
    fi
    say stat "$status" "$path" "$text"
  done
  for path in "$directory" "$svid" "$key" "$bundle"; do
    [ "$path" ] || continue
    if readable "$path"; then text='' status=0; else take readable "$path"; fi
    say readable "$status" "$path" "$text"
  done
  recall svid pem "$svid"
  recall bundle pem "$bundle"
  recall key public-key "$key"
  if [ "$config" ]; then
    large=1
    take through directives "$config"
    say config "$status" "$config" "$text"
  fi
}
`;
