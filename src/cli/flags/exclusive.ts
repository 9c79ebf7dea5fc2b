import { usageError } from '../../domain/errors.js';

/**
 * Refuses a flag together with its `--no-` form. The parser keeps only the last value of the two, hence the
 * check of the words.
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
