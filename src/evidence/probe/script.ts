import { FILES } from './script-files.ts';
import { FRAMES } from './script-frames.ts';
import { HAPROXY } from './script-haproxy.ts';
import { PEM } from './script-pem.ts';

const MAIN = `work() {
  text=$started$nl status=0
  [ "$started" ] || text='' status=127
  say clock "$status" '' "$text"
  ask_haproxy
  look_at_files
  say done "\${unasked:-0}" '' ''
}

if ! command -v sleep >/dev/null; then
  work
  exit 0
fi

# Ends after ten seconds whatever happens: also when nobody reads what it says.
sleep 10 >/dev/null &
clock=$!
(
  trap 'exit 1' PIPE
  trap 'kill "$clock"' EXIT
  work
) &
job=$!
trap 'kill "$job" "$clock"; exit 1' HUP INT TERM
wait "$clock"
kill "$job"
wait "$job"
exit 0
`;

/**
 * The script that runs in a pod, for `sh -c`. Takes, as positional arguments: the boundary of its answers, the path of
 * HAProxy's master socket, the SVID's directory, the paths of SVID, key and bundle, and that of haproxy.cfg ('' = do not
 * read it). Writes nothing, asks HAProxy before it looks at files, and ends within ten seconds.
 */
export const PROBE_SCRIPT = [FRAMES, HAPROXY, PEM, FILES, MAIN].join('\n');
