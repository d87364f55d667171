/** Shells, and kubectl, for which there is a script. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell', 'kubectl'] as const;
export type Shell = (typeof SHELLS)[number];

/** What makes a shell ask `program` for candidates. */
export async function scriptFor(shell: Shell, program: string): Promise<string> {
  switch (shell) {
    case 'bash':
      return (await import('./bash.ts')).bashScript(program);
    case 'zsh':
      return (await import('./zsh.ts')).zshScript(program);
    case 'fish':
      return (await import('./fish.ts')).fishScript(program);
    case 'powershell':
      return (await import('./powershell.ts')).powershellScript(program);
    case 'kubectl':
      return (await import('./kubectl.ts')).kubectlScript(program);
  }
}
