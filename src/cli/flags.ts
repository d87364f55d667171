import { type Command, Option } from 'commander';
import {
  commaSeparated,
  concurrency,
  duration,
  keyValue,
  labelSelector,
  level,
  nonEmpty,
  positiveDuration,
  repeatedName,
} from './values.ts';

/** kubectl's own flags, under the names that commander gives them. */
export interface ConnectionOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly asUserExtra?: readonly string[];
  readonly server?: string;
  readonly token?: string;
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly insecureSkipTlsVerify?: true;
  readonly tlsServerName?: string;
  /** Milliseconds. */
  readonly requestTimeout?: number;
}

/** What doctor and collect look at. */
export interface ScopeOptions {
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly selector?: string;
  readonly release?: string;
  readonly pod?: readonly string[];
  readonly check?: readonly string[];
  readonly skip?: readonly string[];
  /** False with --no-exec. */
  readonly exec: boolean;
  /** False with --no-logs. */
  readonly logs: boolean;
  readonly annotation?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly concurrency?: number;
  readonly quiet?: true;
  readonly v?: number;
}

export interface DoctorOptions extends ConnectionOptions, ScopeOptions {
  readonly filename?: readonly string[];
  readonly recursive?: true;
  readonly complete?: true;
  readonly snapshot?: string;
  /** True without a story. */
  readonly demo?: string | true;
  readonly output: 'text' | 'wide' | 'json' | 'yaml';
  readonly color: 'auto' | 'always' | 'never';
  readonly showOk?: true;
  readonly printProbe?: true;
  readonly failOn: 'fail' | 'warn' | 'never';
  /** True without a list: everything. */
  readonly allowUnknown?: string | true;
}

export interface CollectOptions extends ConnectionOptions, ScopeOptions {
  readonly output?: string;
}

const CONNECTION = 'Connection, as kubectl has it:';
const CHOOSING = 'What to look at:';
const LIMITS = 'Limits:';
const INPUT = 'Instead of a cluster (one of):';
const OUTPUT = 'Output:';

/** The flags of kubectl that say which cluster, and as whom. */
export function addConnectionFlags(command: Command): void {
  command
    .optionsGroup(CONNECTION)
    .option('--kubeconfig <file>', 'kubeconfig file (default: $KUBECONFIG, ~/.kube/config)', nonEmpty)
    .option('--context <name>', 'context of the kubeconfig', nonEmpty)
    .option('--cluster <name>', 'cluster of the kubeconfig', nonEmpty)
    .option('--user <name>', 'user of the kubeconfig', nonEmpty)
    .option('--as <name>', 'act as this user', nonEmpty)
    .option('--as-group <name>', 'act as a member of this group (repeatable)', repeatedName)
    .option('--as-uid <uid>', 'act as the user with this UID', nonEmpty)
    .option('--as-user-extra <key=value>', 'extra field of the user to act as (repeatable)', keyValue)
    .option('-s, --server <url>', 'address of the API server', nonEmpty)
    .option('--token <token>', 'bearer token', nonEmpty)
    .option('--certificate-authority <file>', 'CA certificates of the API server', nonEmpty)
    .option('--client-certificate <file>', 'client certificate', nonEmpty)
    .option('--client-key <file>', 'key of the client certificate', nonEmpty)
    .option('--insecure-skip-tls-verify', "don't verify the API server's certificate")
    .option('--tls-server-name <name>', "name to expect in the API server's certificate", nonEmpty)
    .option('--request-timeout <time>', 'time for one request', duration);
}

/** What to look at, and with how much effort. */
export function addScopeFlags(command: Command): void {
  command
    .optionsGroup(CHOOSING)
    .option('-n, --namespace <name>', 'only HAPTIC in this namespace', nonEmpty)
    .option('-A, --all-namespaces', 'HAPTIC in all namespaces')
    .option('-l, --selector <selector>', 'only HAProxy pods with these labels', labelSelector)
    .option('--release <name>', 'only this HAPTIC release', nonEmpty)
    .option('--pod <name>', 'only this pod (repeatable)', repeatedName)
    .option('--check <ids>', 'only these checks and what they depend on (repeatable, commas)', commaSeparated)
    .option('--skip <ids>', 'all checks but these (repeatable, commas)', commaSeparated)
    .option('--no-exec', 'run nothing in pods; API objects and logs only')
    .option('--no-logs', 'read no logs')
    .option('--annotation <key>', 'the mTLS annotation (default: the one that the installed snippet reads)', nonEmpty)
    .optionsGroup(LIMITS)
    .option('--timeout <time>', 'time for the whole run (default: 60s)', positiveDuration)
    .option(
      '--concurrency <number>',
      'pods looked into at the same time, and as many other calls (default: 8)',
      concurrency,
    );
}

/** What doctor has beyond what collect has. */
export function addDoctorFlags(command: Command): void {
  command
    .addOption(
      new Option('--fail-on <severity>', 'what makes the exit code 1')
        .choices(['fail', 'warn', 'never'])
        .default('fail'),
    )
    .option('--allow-unknown [checks]', 'do not exit with 2 for what could not be judged: everything, or CHECK[:WHY],…')
    .optionsGroup(INPUT)
    .option(
      '-f, --filename <path>',
      'rendered manifests: a file, a folder, or - for standard input (repeatable)',
      repeatedName,
    )
    .option('-R, --recursive', 'with -f: folders within folders too')
    .option('--complete', 'with -f: these files are everything that people apply')
    .option('--snapshot <file>', 'a snapshot that collect wrote', nonEmpty)
    .option('--demo [story]', 'a built-in recording; "list" lists them')
    .optionsGroup(OUTPUT)
    .addOption(
      new Option('-o, --output <format>', 'format of the report')
        .choices(['text', 'wide', 'json', 'yaml'])
        .default('text'),
    )
    .addOption(new Option('--color <when>', 'colours in text').choices(['auto', 'always', 'never']).default('auto'))
    .option('--show-ok', 'list what is good too')
    .option('--print-probe', 'print the script that would run in a pod, and do nothing else');
}

/** How much is said on stderr. */
export function addTalkFlags(command: Command): void {
  command
    .optionsGroup(OUTPUT)
    .option('-q, --quiet', 'only what is wrong, and the summary; no progress')
    .option('-v, --v <level>', 'say on stderr what is being done (1 or more)', level);
}
