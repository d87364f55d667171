import type { ByteText } from './byte-text.ts';

/** A place in the text: 1-based line, and 1-based column that counts characters (code points). */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** How the library prints a place; it has none for most of what it read as JSON. */
export function printPlace(place: Place | undefined): string {
  return place ? `${place.line}:${place.column}` : '-';
}

/** Thrown inside the reader only; `readHcl` turns it into a value. */
export class Rejection extends Error {
  /** The library's whole message, as bytes. */
  readonly bytes: ByteText;
  /** Where the library says it is, else where the offending token stands. */
  readonly place: Place | undefined;
  /** `panic`: the library does not return an error here, the process dies. */
  readonly how: 'error' | 'panic';

  constructor(bytes: ByteText, place: Place | undefined, how: 'error' | 'panic' = 'error') {
    super(bytes);
    this.bytes = bytes;
    this.place = place;
    this.how = how;
  }
}

/** An error that the library prefixes with its position. */
export function rejectAt(place: Place | undefined, message: ByteText, actual: Place | undefined = place): Rejection {
  return new Rejection(`At ${printPlace(place)}: ${message}`, place ?? actual);
}
