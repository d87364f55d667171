/** For a file in $fpath as well as for sourcing. */
export function zshScript(program: string): string {
  return String.raw`#compdef ${program}
# zsh completion for ${program}; in ~/.zshrc, after compinit:
#   source <(${program} completion zsh)

_haptic_spire() {
    local line name directive=0
    local -a lines candidates options
    lines=("${'$'}{(@f)$(${program} __complete "${'$'}{(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
    for line in $lines; do
        if [[ $line == :<-> ]]; then
            directive=${'$'}{line#:}
        elif [[ -n $line ]]; then
            name=${'$'}{${'$'}{line%%$'\t'*}//:/\\:}
            if [[ $line == *$'\t'* ]]; then candidates+=("$name:${'$'}{line#*$'\t'}"); else candidates+=("$name"); fi
        fi
    done
    if [[ ${'$'}{words[CURRENT]} == -*=* ]]; then compset -P '-*='; fi
    if (( directive & 2 )); then options=(-S ''); fi
    if (( ${'$'}#candidates )); then
        _describe 'candidate' candidates "${'$'}{options[@]}"
    elif (( ! (directive & 4) )); then
        _files
    fi
}

if [ "${'$'}{funcstack[1]}" = "_haptic_spire" ]; then
    _haptic_spire "$@"
else
    compdef _haptic_spire ${program}
fi
`;
}
