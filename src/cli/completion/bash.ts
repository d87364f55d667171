/**
 * Works with bash 3.2 (macOS) too, and needs nothing of the bash-completion package. Nothing that was typed is evaluated.
 */
export function bashScript(program: string): string {
  return String.raw`# bash completion for ${program}; in ~/.bashrc:
#   source <(${program} completion bash)

_haptic_spire() {
    local words rest=$COMP_LINE word glued i=0 count=0
    words=()
    # bash parts words at = and : too; here they are as they were typed.
    while [ "$i" -le "$COMP_CWORD" ]; do
        glued=1
        while :; do
            case $rest in
                [[:space:]]*) rest=${'$'}{rest#?}; glued=0 ;;
                *) break ;;
            esac
        done
        word=${'$'}{COMP_WORDS[i]}
        rest=${'$'}{rest#"$word"}
        if [ "$glued" = 1 ] && [ "$count" -gt 0 ]; then
            words[count-1]=${'$'}{words[count-1]}$word
        else
            words[count]=$word
            count=$((count + 1))
        fi
        i=$((i + 1))
    done

    local current=${'$'}{words[count-1]} head='' breaker tail
    case $current in -*=*) current=${'$'}{current#*=} ;; esac
    for breaker in = :; do
        case $COMP_WORDBREAKS in *"$breaker"*) ;; *) continue ;; esac
        case $current in *"$breaker"*) ;; *) continue ;; esac
        tail=${'$'}{current##*"$breaker"}
        tail=${'$'}{current%"$tail"}
        if [ "${'$'}{#tail}" -gt "${'$'}{#head}" ]; then head=$tail; fi
    done

    local line directive=0
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :[0-9]*) directive=${'$'}{line#:} ;;
            ?*)
                line=${'$'}{line%%$'\t'*}
                line=${'$'}{line#"$head"}
                case $line in *[!A-Za-z0-9_./:,=@%+-]*) line=$(printf %q "$line") ;; esac
                COMPREPLY[${'$'}{#COMPREPLY[@]}]=$line
                ;;
        esac
    done < <(${program} __complete "${'$'}{words[@]:1}" 2>/dev/null </dev/null)

    if [ "$(type -t compopt)" = builtin ]; then
        if [ $((directive & 2)) -ne 0 ]; then compopt -o nospace; fi
        if [ $((directive & 4)) -ne 0 ]; then compopt +o default; fi
    fi
}

complete -o default -F _haptic_spire ${program}
`;
}
