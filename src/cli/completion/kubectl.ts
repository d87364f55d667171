/** kubectl runs a program of this name for the words after `kubectl haptic-spire`, where its own completion is set up. */
export function kubectlScript(program: string): string {
  return `#!/bin/sh
# Completion of "kubectl haptic-spire" in every shell in which kubectl's own completion works. Put it on the PATH:
#   ${program} completion kubectl > ~/.local/bin/kubectl_complete-haptic_spire
#   chmod +x ~/.local/bin/kubectl_complete-haptic_spire
exec ${program} __complete "$@"
`;
}
