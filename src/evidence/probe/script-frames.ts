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

# No answer is longer than about so many bytes.
limit=524288

# take COMMAND...: its output into $text, its status into $status (200: the output was cut)
take() {
  text=$("$@" 2>&1 </dev/null; printf '%s:%s' "$boundary" "$?")
  case $text in
    *"$boundary":*) status=\${text##*"$boundary":} text=\${text%"$boundary":*} ;;
    *) status=200 ;;
  esac
}

# within SECONDS COMMAND...: bounded where the image has a timeout
within() {
  command -v timeout >/dev/null && set -- timeout "$@" || shift
  "$@"
}
`;
