/** The truth about a cluster that none of its objects holds. A fault changes it in place; the next reconcile sees it. */
export interface Platform {
  /** What a registry says to a pull. */
  pull: (image: string) => ImagePull;
  /** Nodes by name. */
  readonly nodes: Map<string, PlatformNode>;
  /** What SPIRE's server and the machinery behind it do. */
  readonly spire: PlatformSpire;
}

/** `pulling`: it takes a while yet. */
export type ImagePull =
  | { readonly answer: 'found' }
  | { readonly answer: 'pulling' }
  | { readonly answer: 'refused'; readonly message: string };

export interface PlatformNode {
  ready: boolean;
  /** How far this node's clock is ahead of everybody else's, milliseconds. */
  clockAhead: number;
  /** The agent's workload attestor fails with these words for every pod of the node, unless its configuration says otherwise. */
  attestation?: { readonly error: string; readonly unless?: (agentConf: string) => boolean };
  /** CSI mounts on this node are stale: pods made before this moment (epoch milliseconds) see an empty socket directory. */
  staleMountsBefore?: number;
  /** SELinux keeps containers out of directories of the node that have no label for them. */
  selinux?: 'enforcing';
}

export interface PlatformSpire {
  /** Unreachable: agents keep what they have and renew nothing. */
  server: 'reachable' | 'unreachable';
  /** Whether spire-controller-manager does its work. */
  registrar: 'works' | 'stopped';
  /** Entries that somebody registered by hand. */
  readonly manualEntries: ManualEntry[];
}

export interface ManualEntry {
  readonly spiffeId: string;
  /** `k8s:ns:haptic`, `k8s:sa:default`; all of them have to hold. */
  readonly selectors: readonly string[];
  readonly dnsNames: readonly string[];
}

/** Two nodes, a registry that has every image but those with a `v` before a spiffe-helper version, and a SPIRE that works. */
export function healthyPlatform(): Platform {
  return {
    pull: (image) =>
      /(?:^|\/)spiffe\/spiffe-helper:v\d/.test(image)
        ? { answer: 'refused', message: `failed to resolve reference "${image}": ${image}: not found` }
        : { answer: 'found' },
    nodes: new Map([
      ['node-a', { ready: true, clockAhead: 0 }],
      ['node-b', { ready: true, clockAhead: 0 }],
    ]),
    spire: { server: 'reachable', registrar: 'works', manualEntries: [] },
  };
}
