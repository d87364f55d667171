import { isObject, type Json, type JsonObject, listAt, objectAt } from '../json.ts';
import { hclTokens } from './hcl-tokens.ts';
import { fields, type Place, scalar, text, texts } from './shape.ts';

const agent = fields({ socket_path: text, admin_socket_path: text, trust_domain: text, availability_target: text });

/** How the k8s attestor checks the kubelet; the names of others are enough. */
const pluginData = fields({
  skip_kubelet_verification: scalar,
  kubelet_ca_path: text,
  kubelet_read_only_port: scalar,
  kubelet_secure_port: scalar,
  disable_container_selectors: scalar,
  use_new_container_locator: scalar,
});

/** agent.conf, in JSON or HCL, as JSON of the same shape with what decides about sockets and attestation. */
export function reduceAgentConfig(content: string, place: Place): string {
  const parsed = objectAt(parseJson(content) ?? parseHcl(content));
  const attestors = membersOf(objectAt(parsed.plugins).WorkloadAttestor).slice(0, 20);
  const plugins = attestors.map(([name, body]): Json => {
    const data = pluginData(objectAt(objectAt(body).plugin_data), place);
    return { [text(name, place) === name ? name : 'unnamed']: { plugin_data: data ?? {} } };
  });
  // What is no agent.conf must not read as one that leaves everything to the defaults.
  if (parsed.agent === undefined) return '';
  const settings = agent(mergedBlocks(parsed.agent), place) ?? {};
  return JSON.stringify({ agent: settings, plugins: { WorkloadAttestor: plugins } });
}

const controllerManager = fields({
  className: text,
  watchClassless: scalar,
  trustDomain: text,
  clusterName: text,
  clusterDomain: text,
  parentIDTemplate: text,
  ignoreNamespaces: texts,
});

/** controller-manager-config.yaml as JSON with what decides which ClusterSPIFFEIDs count. */
export function reduceControllerManagerConfig(content: string, place: Place): string {
  const parsed = parseJson(content);
  return JSON.stringify(controllerManager(isObject(parsed) ? parsed : parseTopLevel(content), place) ?? {});
}

function parseJson(content: string): Json | undefined {
  if (!/^\s*\{/.test(content)) return undefined;
  try {
    return JSON.parse(content) as Json;
  } catch {
    return undefined;
  }
}

/** HCL turned into JSON has a list of blocks where JSON has one object. */
function mergedBlocks(value: Json): JsonObject {
  const blocks = Array.isArray(value) ? listAt(value) : [value];
  return Object.fromEntries(blocks.flatMap((block) => Object.entries(objectAt(block))));
}

function membersOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  return (Array.isArray(value) ? listAt(value) : [value]).flatMap((item) =>
    Object.entries(objectAt(item)).flatMap(([name, body]) => (body === undefined ? [] : [[name, body] as const])),
  );
}

const MAX_DEPTH = 12;

/** Reads blocks and assignments of HCL, enough for SPIRE's own files: `a = "b"`, `a { … }`, `A "b" { … }`. */
function parseHcl(content: string): JsonObject {
  const tokens = hclTokens(content).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  let at = 0;
  const block = (depth: number): JsonObject => {
    const members = new Map<string, Json>();
    while (at < tokens.length && tokens[at]?.text !== '}') {
      const name = wordAt();
      const label = tokens[at]?.kind === 'string' && tokens[at + 1]?.text === '{' ? wordAt() : undefined;
      if (tokens[at]?.text === '=') at += 1;
      const isBlock = tokens[at]?.text === '{';
      if (!isBlock) {
        const value = wordAt();
        members.set(name, /^(?:true|false)$/.test(value) ? value === 'true' : value);
        continue;
      }
      at += 1;
      const body = depth < MAX_DEPTH ? block(depth + 1) : {};
      at += 1;
      const before = objectAt(members.get(name));
      members.set(name, label === undefined ? { ...before, ...body } : { ...before, [label]: body });
    }
    return Object.fromEntries(members);
  };
  const wordAt = (): string => {
    const { text: word = '' } = tokens[at] ?? {};
    at += 1;
    return word.replace(/^"|"$/g, '');
  };
  return block(0);
}

/** The top-level scalars and lists of a YAML mapping; what is nested deeper is not read. */
function parseTopLevel(content: string): JsonObject {
  const members = new Map<string, Json>();
  let list: string[] | undefined;
  for (const line of content.split('\n')) {
    const member = /^([A-Za-z]\w{0,60}):(?:\s+(.*))?$/.exec(line);
    const item = /^\s*-\s+(.*)$/.exec(line);
    if (member) {
      const value = scalarOf(member[2] ?? '');
      list = value === '' ? [] : undefined;
      if (list) members.set(member[1] ?? '', list);
      else if (value.startsWith('[')) members.set(member[1] ?? '', value.slice(1, -1).split(',').map(scalarOf));
      else members.set(member[1] ?? '', /^(?:true|false)$/.test(value) ? value === 'true' : value);
    } else if (item && list) list.push(scalarOf(item[1] ?? ''));
  }
  return Object.fromEntries(members);
}

function scalarOf(written: string): string {
  const trimmed = written.trim();
  const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(trimmed);
  return quoted ? (quoted[2] ?? '') : trimmed.replace(/(?:^|\s)#.*$/, '').trim();
}
