import type { ObjectChange } from './fault.ts';
import { WORKLOAD } from './helper-changes.ts';

const SCRIPT = 'spec.template.spec.containers[3].args[0]';

/** As older guides have it: watches times of files, remembers the first ones it sees, and believes in success. */
const MTIME_SCRIPT = `CERT=/etc/haproxy/spiffe/svid.pem
KEY=/etc/haproxy/spiffe/svid.pem.key
BUNDLE=/etc/haproxy/spiffe/bundle.pem
SOCK=/etc/haproxy/haproxy-master.sock
master() { socat - unix-connect:$SOCK; }
BEFORE=
echo "cert-reloader: polling for cert changes"
while sleep 5; do
  NOW=$(stat -c %Y "$CERT" "$KEY" "$BUNDLE" | tr '\\n' ' ')
  [ "$NOW" = "$BEFORE" ] && continue
  [ -z "$BEFORE" ] && { BEFORE=$NOW; continue; }
  BEFORE=$NOW
  sleep 1
  if ! echo "@1 show ssl cert $CERT" | master 2>/dev/null | grep -q '^Filename:'; then
    echo "cert-reloader: cert not loaded in HAProxy, skipping runtime update"
    continue
  fi
  printf "@1 set ssl cert $CERT <<\\n$(cat "$CERT" "$KEY")\\n\\n" | master
  echo "@1 commit ssl cert $CERT" | master
  printf "@1 set ssl ca-file $BUNDLE <<\\n$(cat "$BUNDLE")\\n\\n" | master
  echo "@1 commit ssl ca-file $BUNDLE" | master
  echo "cert-reloader: certificates updated via runtime API"
done
`;

/** Pushes the certificate and leaves the bundle alone. */
const CERTIFICATE_ONLY = `CERT=/etc/haproxy/spiffe/svid.pem
KEY=/etc/haproxy/spiffe/svid.pem.key
SOCK=/etc/haproxy/haproxy-master.sock
ask() { socat -t5 - unix-connect:$SOCK; }
SEEN=$(sha256sum "$CERT")
while sleep 5; do
  NOW=$(sha256sum "$CERT")
  [ "$NOW" = "$SEEN" ] && continue
  printf "@1 set ssl cert $CERT <<\\n$(cat "$CERT" "$KEY")\\n\\n" | ask
  echo "@1 commit ssl cert $CERT" | ask | grep -q 'Success!' && SEEN=$NOW
done
`;

export const mtimeReloader: ObjectChange = { object: WORKLOAD, set: { at: SCRIPT, to: MTIME_SCRIPT } };

export const certificateOnlyReloader: ObjectChange = { object: WORKLOAD, set: { at: SCRIPT, to: CERTIFICATE_ONLY } };

/** Another text in the base's script, at the first place where it stands. */
export function scriptText(from: string, to: string): ObjectChange {
  return { object: WORKLOAD, replace: { at: SCRIPT, from, to } };
}
