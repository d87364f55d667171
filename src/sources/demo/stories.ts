/** A recorded installation that ships with the tool. */
export interface Story {
  /** What `--demo` takes, and the name of its file in `stories/`. */
  readonly id: string;
  /** What is the matter with it. */
  readonly title: string;
}

export const STORIES: readonly Story[] = [
  { id: 'rotation-stuck', title: 'SPIRE rotated the certificate on disk, HAProxy still uses the old one in memory' },
  { id: 'wrong-socket', title: 'spiffe-helper dials a socket that the SPIRE agent does not serve' },
  { id: 'toml-section', title: 'helper.conf has a TOML section, which spiffe-helper cannot parse' },
  { id: 'healthy', title: 'everything is in place' },
];

/** What `--demo` shows without a story: the one whose fault no single object gives away. */
export const DEFAULT_STORY = 'rotation-stuck';
