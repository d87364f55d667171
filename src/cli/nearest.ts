/** ` (did you mean X?)` for the candidate that is closest to a mistyped word, or nothing when none is close. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const typed = word.slice(0, LONGEST);
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = candidate.startsWith(typed) && typed !== '' ? 1 : distanceBetween(typed, candidate);
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  if (best === undefined || best.distance > Math.max(2, best.candidate.length / 3)) return '';
  return ` (did you mean ${best.candidate}?)`;
}

const LONGEST = 64;

/** How many letters must be typed, dropped or changed to get from one word to the other. */
function distanceBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const changed = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
