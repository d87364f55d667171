/**
 * The beginning of the probe: how it says what it found. Every answer is preceded by its lengths in bytes, so that no
 * text can pass for another answer. Runs in dash, BusyBox and bash; needs nothing beside the shell, and says which
 * tool is missing where one would have answered.
 */
export const FRAMES = `exec 2>/dev/null
LC_ALL=C
export LC_ALL
umask 077
set -f
boundary=$1 socket=$2 directory=$3 svid=$4 key=$5 bundle=$6 config=$7
nl='
'
IFS=$nl
started=$(date +%s)

# elapsed: $now in whole seconds since some moment, without a process where the kernel says it
elapsed() {
  read -r now </proc/uptime || now=$(date +%s)
  now=\${now%%.*}
}
elapsed
begun=$now

# say ID STATUS ARGUMENT TEXT: one answer, its lengths in bytes before it
say() {
  printf '%s %s %s %s %s\\n%s%s\\n' "$boundary" "$1" "$2" "\${#3}" "\${#4}" "$3" "$4" || exit 1
}

# No answer is longer than so many bytes.
limit=524288
cap() {
  if [ "$(printf ab | head -c 1 2>/dev/null)" = a ]; then
    head -c "$limit"
  else
    while read -r line; do printf '%s\\n' "$line"; done
    printf '%s' "$line"
  fi
}

# take COMMAND...: its output into $text, its status into $status (200: the output was cut)
take() {
  text=$({ "$@" 2>&1 </dev/null; printf '%s:%s' "$boundary" "$?"; } | cap)
  parted
}

parted() {
  case $text in
    *"$boundary":*) status=\${text##*"$boundary":} text=\${text%"$boundary":*} ;;
    *) status=200 ;;
  esac
}

# glance COMMAND...: the same for what cannot say more, with a fraction of the processes
glance() {
  text=$("$@" 2>&1 </dev/null; printf '%s:%s' "$boundary" "$?")
  parted
}

# within SECONDS COMMAND...: bounded where the image has timeout, in either of its two spellings
within() {
  if timeout 5 true 2>/dev/null; then
    timeout "$@"
  elif timeout -t 5 true 2>/dev/null; then
    timeout -t "$@"
  else
    shift
    "$@"
  fi
}
`;
