/** Exit statuses of answers, given by the shell or by the probe itself. */

/** `timeout` ended the command. */
export const TIMED_OUT = 124;
/** The shell's status for a command that is not in the image. */
export const NO_SUCH_COMMAND = 127;
/** The answer was longer than what the probe hands on. */
export const CUT = 200;
/** The name cannot be put to HAProxy as one word; nothing was asked. */
export const UNSAFE_NAME = 201;
/** The answer began, and its end did not come. */
export const BROKEN_OFF = 203;
