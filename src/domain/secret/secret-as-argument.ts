import { type CredctlError, usageError } from '../errors.js';
import { isSecretShape } from './secret-format.js';

/** The error for a secret among the arguments, where other users and the shell's history see it. */
export function secretAsArgument(): CredctlError {
  return usageError(
    'a secret was given where a name belongs',
    "it may now be in your shell's history: rotate it; to check a secret use 'credctl verify', which reads it from standard input",
  );
}

/**
 * Refuses a secret in the place of a text that a store is asked for: a database may log it.
 *
 * @throws CredctlError `usage`
 */
export function refuseSecret(text: string | undefined): void {
  if (text !== undefined && isSecretShape(text)) throw secretAsArgument();
}
