import { type CredctlError, usageError } from '../errors.js';
import { isSecretShape, maskSecrets } from './secret-format.js';

const IN_HISTORY = "the secret may now be in your shell's history: rotate it";

const VERIFY = "to check a secret, use 'credctl verify', which reads it from standard input";

/** The error for a secret among the arguments, where other users and the shell's history see it. */
export function secretAsArgument(place: 'a command' | 'a name' = 'a name'): CredctlError {
  return usageError(`a secret was given where ${place} belongs`, `${IN_HISTORY}; ${VERIFY}`);
}

/**
 * Refuses a secret in the place of a text that a store is asked for: a database may log it.
 *
 * @throws CredctlError `usage`
 */
export function refuseSecret(text: string | undefined): void {
  if (text !== undefined && isSecretShape(text)) throw secretAsArgument();
}

/**
 * The hint of an error, with what a secret among the arguments makes necessary, whatever they were refused for.
 *
 * @param words the arguments as typed
 */
export function hintForTyped(hint: string | null, words: readonly string[]): string | null {
  if (!words.some(holdsSecret) || hint?.includes(IN_HISTORY) === true) return hint;
  return `a secret was given as an argument; ${IN_HISTORY}; ${hint ?? VERIFY}`;
}

function holdsSecret(word: string): boolean {
  return maskSecrets(word) !== word;
}
