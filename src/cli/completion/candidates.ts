import type { Option } from 'commander';
import { STORIES } from '../../sources/demo/stories.ts';
import type { Host } from '../host.ts';
import { flagsOf, type Line, type Place } from './place.ts';
import { SHELLS } from './scripts.ts';

/** One way to go on. */
export interface Candidate {
  readonly text: string;
  readonly description?: string;
}

/** What a shell may offer at a place. */
export type Offer =
  | { readonly offer: 'files' }
  | {
      readonly offer: 'words';
      readonly candidates: readonly Candidate[];
      /** More may follow in the same word, so no space is put after it. */
      readonly goesOn?: boolean;
    };

const NOTHING: Offer = { offer: 'words', candidates: [] };
const FILES: Offer = { offer: 'files' };

/** Everything that fits, whether or not it begins with what is typed. */
export async function offerAt({ place, given }: Line, host: Host): Promise<Offer> {
  switch (place.at) {
    case 'command':
      return commands(place.program);
    case 'flag':
      return words(flagsOf(place.command).flatMap(namesOf));
    case 'value':
      return await valuesOf(place, given, host);
    case 'argument':
      return await argumentsOf(place);
    case 'nowhere':
      return NOTHING;
  }
}

function namesOf({ long, short, description }: Option): readonly Candidate[] {
  return [long, short].flatMap((text) => (text ? [{ text, description }] : []));
}

function commands(program: Extract<Place, { at: 'command' }>['program']): Offer {
  const visible = program.createHelp().visibleCommands(program);
  return words(visible.map((command) => ({ text: command.name(), description: command.description() })));
}

async function argumentsOf({ program, command, index, typed }: Extract<Place, { at: 'argument' }>): Promise<Offer> {
  if (index > 0) return NOTHING;
  switch (command.name()) {
    case 'completion':
      return words(SHELLS.map((text) => ({ text })));
    case 'help':
      return commands(program);
    case 'explain':
      return await explanations(typed);
    default:
      return NOTHING;
  }
}

/** Checks; once only one is left, or a slash is typed, its messages too. */
async function explanations(typed: string): Promise<Offer> {
  const { checks } = await import('../../../checks/index.ts');
  const fitting = checks.filter(({ id }) => (typed.includes('/') ? typed.startsWith(`${id}/`) : id.startsWith(typed)));
  const messages = fitting.length === 1 ? fitting : [];
  return words([
    ...fitting.map(({ id, title }) => ({ text: id, description: title })),
    ...messages.flatMap(({ id, messages: all }) => Object.keys(all).map((message) => ({ text: `${id}/${message}` }))),
  ]);
}

async function valuesOf(
  { command, option, typed }: Extract<Place, { at: 'value' }>,
  given: Line['given'],
  host: Host,
): Promise<Offer> {
  if (option.argChoices !== undefined) return words(option.argChoices.map((text) => ({ text })));
  switch (option.attributeName()) {
    case 'check':
    case 'skip':
    case 'allowUnknown':
      return await checkList(typed);
    case 'demo':
      return words([
        ...STORIES.map(({ id, title }) => ({ text: id, description: title })),
        { text: 'list', description: 'what there is' },
      ]);
    case 'for':
      return { ...words(['user:', 'group:', 'serviceaccount:'].map((text) => ({ text }))), goesOn: true };
    case 'kubeconfig':
    case 'certificateAuthority':
    case 'clientCertificate':
    case 'clientKey':
    case 'filename':
    case 'snapshot':
      return FILES;
    case 'output':
      return command.name() === 'collect' ? FILES : NOTHING;
    case 'context':
    case 'cluster':
    case 'user':
    case 'namespace':
    case 'spireNamespace':
    case 'backendNamespace':
    case 'release':
    case 'pod': {
      const { namesFor } = await import('./cluster-names.ts');
      return words((await namesFor(option.attributeName(), given, host)).map((text) => ({ text })));
    }
    default:
      return NOTHING;
  }
}

/** Checks with commas between them: what is typed before the last comma stays. */
async function checkList(typed: string): Promise<Offer> {
  const { checks } = await import('../../../checks/index.ts');
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  const named = before.split(',');
  const candidates = checks
    .filter(({ id }) => !named.includes(id))
    .map(({ id, title }) => ({ text: `${before}${id}`, description: title }));
  return { ...words(candidates), goesOn: true };
}

function words(candidates: readonly Candidate[]): Offer & { offer: 'words' } {
  return { offer: 'words', candidates };
}
