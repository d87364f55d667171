export function fishScript(program: string): string {
  return String.raw`# fish completion for ${program}:
#   ${program} completion fish > ~/.config/fish/completions/${program}.fish

function __haptic_spire_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l prefix (string match -r -- '^-[^=]*=' "$current")
    set -l directive 0
    set -l candidates
    for line in (${program} __complete $words "$current" 2>/dev/null </dev/null)
        if string match -qr -- '^:[0-9]+$' "$line"
            set directive (string sub -s 2 -- "$line")
        else
            set -a candidates "$prefix$line"
        end
    end
    if test (count $candidates) -gt 0
        printf '%s\n' $candidates
    else if test (math "floor($directive / 4) % 2") -eq 0
        __fish_complete_path "$current"
    end
end

complete -c ${program} -f -a '(__haptic_spire_complete)'
`;
}
