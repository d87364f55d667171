import { parse } from 'yaml';
import type { EditableObject } from '../../scenario/field-edit.ts';
import { dig, textAt, textListAt } from '../cluster/fields.ts';
import type { Program } from '../seams.ts';
import { containerOf, fileOf, imageName } from './container.ts';
import { longRunning } from './long-running.ts';
import { sparingLog } from './sparing-log.ts';

/** A spire-controller-manager that runs, with the configuration that it read at its start. */
export interface ControllerManager {
  readonly namespace: string;
  readonly className: string;
  readonly watchClassless: boolean;
  readonly trustDomain: string;
  readonly clusterName: string;
  readonly clusterDomain: string;
  /** Regular expressions of whole names. */
  readonly ignoreNamespaces: readonly string[];
  readonly log: (text: string) => void;
}

/** The container spire-controller-manager; those that run are in `running`. */
export function controllerManagerProgram(running: Set<ControllerManager>, now: () => number): Program {
  return {
    runs: (container) => imageName(container) === 'spire-controller-manager',
    async start(context) {
      const { container } = containerOf(context.pod, context.ref.container);
      const flag = /^--?config=(.*)$/.exec(container.args.find((word) => /^--?config=/.test(word)) ?? '')?.[1];
      const text = await fileOf(context, flag ?? '/controller-manager-config.yaml');
      const { say } = sparingLog(context.log, now);
      const log = (line: string) => say(line, line);
      const manager = text === undefined ? undefined : read(text, context.ref.namespace, log);
      const program = longRunning(() => {
        if (manager) running.delete(manager);
      });
      if (manager) running.add(manager);
      else {
        context.log(
          `ERROR\tsetup\tunable to load the config file\t{"error": "open ${flag}: no such file or directory"}`,
        );
        program.end({ code: 1 });
      }
      return program;
    },
  };
}

function read(text: string, namespace: string, log: (text: string) => void): ControllerManager {
  const config: EditableObject = parse(text);
  return {
    namespace,
    className: textAt(config, 'className'),
    watchClassless: dig(config, 'watchClassless') === true,
    trustDomain: textAt(config, 'trustDomain'),
    clusterName: textAt(config, 'clusterName'),
    clusterDomain: textAt(config, 'clusterDomain'),
    ignoreNamespaces: textListAt(config, 'ignoreNamespaces'),
    log,
  };
}
