/** The doctor cannot run on this input: exit code 3, and the message is the one line on stderr. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
