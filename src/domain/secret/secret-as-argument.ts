import { type CredctlError, usageError } from '../errors.js';

/** The error for a secret among the arguments, where other users and the shell's history see it. */
export function secretAsArgument(): CredctlError {
  return usageError(
    'a secret was given where a name belongs',
    "it may now be in your shell's history: rotate it; to check a secret use 'credctl verify', which reads it from standard input",
  );
}
