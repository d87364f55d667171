import { below, cleanPath, mountOf } from '../mount-paths.ts';
import type { ContainerView, PodView } from '../pod-view.ts';
import { commandsOf, type ShellCommand } from '../shell-script.ts';

type Makes = 'yes' | 'perhaps' | 'no';

/** A program that no base system has: what it does is not known. */
const OWN_PROGRAM = /^(?!(?:\/usr)?\/s?bin\/).*\//;

interface Makers {
  readonly makers: readonly ContainerView[];
  readonly possibleMakers: readonly ContainerView[];
}

/** Which containers make a directory of a volume before or while a helper runs. */
export function makersOf(pod: PodView, helper: ContainerView, volume: string, inVolume: string): Makers {
  const makers: ContainerView[] = [];
  const possibleMakers: ContainerView[] = [];
  for (const container of pod.containers.filter((candidate) => startsInTime(pod, candidate, helper))) {
    if (container === helper || !container.mounts.some((mount) => mount.volume === volume && !mount.readOnly)) continue;
    const makes = makesDirectory(container, volume, inVolume);
    if (makes === 'yes') makers.push(container);
    if (makes === 'perhaps') possibleMakers.push(container);
  }
  return { makers, possibleMakers };
}

/** A helper that is an init container of the old kind has to end before anything after it starts. */
function startsInTime(pod: PodView, container: ContainerView, helper: ContainerView): boolean {
  if (helper.place !== 'init') return true;
  return container.place !== 'main' && pod.containers.indexOf(container) < pod.containers.indexOf(helper);
}

function makesDirectory(container: ContainerView, volume: string, inVolume: string): Makes {
  const { commands, opaque } = commandsOf(container);
  let cwd: string | undefined = '/';
  let answer: Makes = 'no';
  for (const { words } of commands) {
    if (words[0] === 'cd') cwd = words[1] === undefined ? undefined : cleanPath(words[1], cwd ?? '/');
    const made = directoriesOf(words, cwd);
    if (made.some((path) => path !== undefined && covers(container, path, volume, inVolume))) return 'yes';
    if (made.includes(undefined)) answer = 'perhaps';
  }
  // An init container whose image or own program decides what happens may well be there to make the directory.
  const unread = opaque || commands.some(({ words: [program] }) => program !== undefined && OWN_PROGRAM.test(program));
  if (answer === 'no' && unread && container.place === 'init') return 'perhaps';
  return answer;
}

/** Directories that a command makes; undefined for one whose name is not known. */
function directoriesOf(words: ShellCommand['words'], cwd: string | undefined): readonly (string | undefined)[] {
  const start = words.findIndex((word) => word !== undefined && /(?:^|\/)(?:mkdir|install)$/.test(word));
  // `busybox mkdir`, `xargs mkdir`, `env mkdir`: the command is not always the first word.
  if (start < 0 || start > 2) return [];
  const rest = words.slice(start + 1);
  const isInstall = /install$/.test(words[start] ?? '');
  if (isInstall && !rest.some((word) => word !== undefined && /^(?:-[a-z]*d|--directory)/.test(word))) return [];
  const paths: (string | undefined)[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at];
    if (word !== undefined && /^(?:-[mogMOG]|--mode|--owner|--group)$/.test(word)) at += 1;
    else if (word === undefined || !word.startsWith('-'))
      paths.push(
        word === undefined || (cwd === undefined && !word.startsWith('/')) ? undefined : cleanPath(word, cwd ?? '/'),
      );
  }
  return paths;
}

/** `mkdir -p a/b` makes `a`, too. */
function covers(container: ContainerView, path: string, volume: string, inVolume: string): boolean {
  const mounted = mountOf(container, path);
  return mounted?.mount.volume === volume && below(inVolume, mounted.inVolume) !== undefined;
}
