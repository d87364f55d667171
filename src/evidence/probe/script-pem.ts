/**
 * What the probe lets out of files in PEM, as filters: the numbers and labels of blocks, and blocks that are
 * certificates. Of a private key's block nothing but its label ever leaves them.
 */
export const PEM = `# The line without what OpenSSL ignores at its end.
trimmed() {
  tail=\${line##*[![:space:]]}
  line=\${line%"$tail"}
}

# value: six bits in base64, of the next character
alphabet=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/
value() {
  rest=\${after#?}
  six=\${alphabet%%"\${after%"$rest"}"*}
  six=\${#six} after=$rest
}

# DER that is one certificate and nothing else: a sequence that begins with a sequence (a key's begins with a number),
# and whose length says that the text ends where it ends.
is_certificate() {
  case $1 in MII?[$alphabet][DTjz]C[BC]*) ;; *) return 1 ;; esac
  after=\${1#???}
  value
  bytes=$((six * 256 + 4))
  value
  bytes=$((bytes + six * 4))
  value
  bytes=$((bytes + six / 16))
  [ "\${#1}" -eq "$(((bytes + 2) / 3 * 4))" ]
}

# Numbers and labels of BEGIN lines (a label that is not plain capitals is not repeated), and blocks labelled CERTIFICATE
# that are certificates; one that is not leaves an empty block in its place.
pem() {
  void='-----BEGIN CERTIFICATE-----
-----END CERTIFICATE-----'
  number=0 inside='' body='' lines=''
  while read -r line || [ "$line" ]; do
    number=$((number + 1))
    trimmed
    case $line in
      '-----BEGIN '*-----)
        [ "$inside" ] && printf '%s\\n' "$void"
        label=\${line#-----BEGIN } label=\${label%-----} inside=''
        case $label in
          CERTIFICATE) inside=1 body='' lines='' ;;
          *[!A-Z0-9\\ ]*) label='?' ;;
        esac
        [ "\${#label}" -le 32 ] || label='?'
        printf '%s:-----BEGIN %s-----\\n' "$number" "$label"
        ;;
      '-----END CERTIFICATE-----')
        if [ "$inside" ] && is_certificate "$body"; then
          printf -- '-----BEGIN CERTIFICATE-----\\n%s-----END CERTIFICATE-----\\n' "$lines"
        elif [ "$inside" ]; then
          printf '%s\\n' "$void"
        fi
        inside=''
        ;;
      '') ;;
      *[!A-Za-z0-9+/=]*)
        [ "$inside" ] && printf '%s\\n' "$void"
        inside=''
        ;;
      *)
        [ "$inside" ] || continue
        body=$body$line lines=$lines$line$nl
        if [ "\${#body}" -gt 24576 ]; then
          printf '%s\\n' "$void"
          inside=''
        fi
        ;;
    esac
  done
  [ "$inside" ] && printf '%s\\n' "$void"
  return 0
}
`;
