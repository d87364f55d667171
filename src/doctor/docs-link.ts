/** Page of a check, with the anchor of a message when there is one. */
export function docsLink(base: string, check: string, anchor?: string): string {
  const page = `${base.replace(/\/$/, '')}/${check}/doc.md`;
  return anchor === undefined ? page : `${page}#${anchor}`;
}

/** Heading of the HAPTIC guide as its site makes anchors: lower case, blanks as `-`, punctuation dropped. */
export function guideLink(base: string, heading: string): string {
  const anchor = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s+/g, '-');
  return `${base}#${anchor}`;
}
