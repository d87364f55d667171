import { type ByteText, bytesOfText } from './byte-text.ts';

const LONG_S = bytesOfText('\u017f');
const KELVIN = bytesOfText('\u212a');

/** Keys that differ in case only, and in the two letters beyond ASCII that fold into it, give the same text. */
export function foldKey(key: ByteText): ByteText {
  const ascii = key.replaceAll(LONG_S, 's').replaceAll(KELVIN, 'k');
  return ascii.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
