/** An image reference taken apart: `registry:5000/ns/name:tag@sha256:…`. */
export interface ImageRef {
  readonly text: string;
  /** Everything before the basename, without the slash; '' for Docker Hub short names. */
  readonly repository: string;
  /** Last path element, without tag and digest. */
  readonly basename: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Follows the grammar of github.com/distribution/reference: a colon after the last slash begins the tag. */
export function parseImageRef(text: string): ImageRef {
  const [named = '', digest] = split(text, text.indexOf('@'));
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const [path = '', tag] = split(named, colon);
  return {
    text,
    repository: slash < 0 ? '' : path.slice(0, slash),
    basename: path.slice(slash + 1),
    ...(tag ? { tag } : {}),
    ...(digest ? { digest } : {}),
  };
}

function split(text: string, at: number): [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
