import type { GatherItem } from '../../evidence/catalogue.ts';

/** kubectl's connection flags, as given. */
export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly as?: string;
  readonly asGroups?: readonly string[];
  readonly asUid?: string;
  /** `key=value`, as kubectl takes them. */
  readonly asUserExtra?: readonly string[];
  readonly server?: string;
  readonly token?: string;
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string;
  /** Milliseconds for one request; absent or 0: the default. */
  readonly requestTimeoutMs?: number;
}

/** What to gather from a cluster, and within which limits. */
export interface LiveRequest {
  readonly connection: ConnectionFlags;
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  /** What the facts of the selected checks need. */
  readonly items: readonly GatherItem[];
  /** Run nothing in pods. */
  readonly noExec?: boolean;
  readonly noLogs?: boolean;
  /** Narrow logs and probes to these; lists stay whole, for what stands around a pod explains it. */
  readonly release?: string;
  readonly pods?: readonly string[];
  /** Label selector over pods, as kubectl takes it. */
  readonly selector?: string;
  /** The mTLS annotation, when the user named it. */
  readonly annotation?: string;
  /** For the whole gathering. */
  readonly timeoutMs: number;
  /** Calls, and beside them probes, at the same time. */
  readonly concurrency: number;
  readonly tool: { readonly name: string; readonly version: string };
}

/** A request whose items may still have to be worked out: that happens while the first connection is being made. */
export type LiveOrder = Omit<LiveRequest, 'items'> & {
  readonly items: readonly GatherItem[] | (() => Promise<readonly GatherItem[]>);
  /** Loads what will be needed afterwards. Called once, while the first connections are being made. */
  readonly load?: () => Promise<unknown>;
  /** Called once, when nothing is left to be loaded. */
  readonly loaded?: () => void;
};

/** Everything of the machine that gathering touches besides files and sockets. */
export interface LiveIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number;
  readonly timer: Timer;
  /** 0 ≤ n < 1, for spreading retries. */
  readonly random: () => number;
  /** A word that no output contains by accident: letters and digits, new for each call. */
  readonly boundary: () => string;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** What is being waited for, in a few words. */
  readonly onProgress: (text: string) => void;
  /** Where a credential plug-in may talk with the user; absent: nowhere. */
  readonly terminal?: Terminal;
  /** Where a pod's service account lies; absent: where Kubernetes puts it. */
  readonly serviceAccount?: string;
}

/** The terminal that a credential plug-in shares with the program. */
export interface Terminal {
  /** Somebody sits at standard input. */
  readonly interactive: boolean;
  /** Stops whatever moves on the terminal until the returned function is called. */
  readonly handOver: () => () => void;
}

export interface Timer {
  /** Calls `action` after so many milliseconds, unless the returned function is called before. */
  readonly after: (milliseconds: number, action: () => void) => () => void;
}
