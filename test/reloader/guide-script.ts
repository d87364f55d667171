/** A reloader as the HAPTIC guide's: polls modification times, records the first ones, believes every push. */
export const GUIDE_SCRIPT = `CERT=/etc/haproxy/spiffe/svid.pem
KEY=/etc/haproxy/spiffe/svid.pem.key
BUNDLE=/etc/haproxy/spiffe/bundle.pem
SOCK=/etc/haproxy/haproxy-master.sock
SEEN=""
while true; do
  sleep 5
  NOW=$(stat -c %Y "$CERT" "$KEY" "$BUNDLE" 2>/dev/null | tr '\\n' ':')
  [ "$NOW" = "$SEEN" ] && continue
  [ -z "$SEEN" ] && { SEEN="$NOW"; continue; }
  SEEN="$NOW"
  [ "$(echo "@1 show ssl cert $CERT" | socat - unix-connect:$SOCK | grep -c "^Filename:")" -eq 0 ] && continue
  printf "@1 set ssl cert $CERT <<\\n$(cat $CERT)\\n$(cat $KEY)\\n\\n" | socat - unix-connect:$SOCK
  echo "@1 commit ssl cert $CERT" | socat - unix-connect:$SOCK
  printf "@1 set ssl ca-file $BUNDLE <<\\n$(cat $BUNDLE)\\n\\n" | socat - unix-connect:$SOCK
  echo "@1 commit ssl ca-file $BUNDLE" | socat - unix-connect:$SOCK
  echo "cert-reloader: certificates updated via runtime API"
done
`;
