import { usageError } from '../../domain/errors.js';

/**
 * A flag and its `--no-` form share one value, of which the parser keeps the last: this looks at the words themselves.
 *
 * @throws CredctlError `usage` when both were given
 */
export function refuseBoth(words: readonly string[], flag: string, opposite: string): void {
  const isGiven = (name: string): boolean =>
    words.some((word) => word === name || word.startsWith(`${name}=`));
  if (isGiven(flag) && isGiven(opposite)) {
    throw usageError(`${flag} and ${opposite} exclude each other`, 'give one of them');
  }
}
