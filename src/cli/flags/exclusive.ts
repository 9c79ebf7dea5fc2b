import type { Command } from 'commander';
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
    throw usageError(`${flag} and ${opposite} cannot be used together`, 'use one of them');
  }
}

/**
 * Refuses options of a command that select, where one is given twice: the last one alone would count, and select more
 * than both do.
 *
 * @throws CredctlError `usage`, when the command is parsed
 */
export function refuseTwice(command: Command, ...names: readonly string[]): Command {
  for (const name of names) {
    let isGiven = false;
    command.on(`option:${name}`, () => {
      if (isGiven) throw usageError(`--${name} is given twice`, 'give it once');
      isGiven = true;
    });
  }
  return command;
}
