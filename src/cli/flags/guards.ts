import { type Command, Option } from 'commander';
import type { Duration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import { refuseTwice } from './exclusive.js';
import { duration, flagName, wholeNumber } from './global.js';

/** Flags that make a change conditional. */
export interface GuardOptions {
  readonly ifRevision?: number;
  readonly unlessUsedWithin?: Duration;
}

/** Flags of a selection by last use, in place of names. */
export interface UnusedOptions extends GuardOptions {
  readonly unusedFor?: Duration;
  readonly dryRun?: true;
  readonly force?: true;
}

/** Adds `--if-revision`. */
export function addRevisionOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--if-revision <number>',
      "refuse unless the credential still has this revision (see 'credctl show')",
    ).argParser(wholeNumber('--if-revision', 1, Number.MAX_SAFE_INTEGER)),
  );
}

/** Adds `--unless-used-within`. */
export function addUseGuardOption(command: Command, remark = ''): Command {
  const what = `${remark}refuse if a secret that would stop was used within this time`;
  return command.addOption(new Option('--unless-used-within <duration>', what).argParser(duration));
}

/** Adds `--unused-for` with what belongs to it. */
export function addUnusedOptions(command: Command, what: string): Command {
  command
    .addOption(
      new Option('--unused-for <duration>', `instead of names: ${what} not used for this long`).argParser(
        duration,
      ),
    )
    .option('--dry-run', 'with --unused-for: list the credentials and change nothing')
    .option(
      '--force',
      'with --unused-for: go on even if the store recorded no use of any credential in that time',
    );
  return refuseTwice(command, 'unused-for');
}

/**
 * Refuses flags that do not belong together, or to the number of names.
 *
 * @throws CredctlError `usage`
 */
export function refuseGuards(names: readonly string[], { ifRevision }: GuardOptions): void {
  if (ifRevision !== undefined && names.length > 1) {
    throw usageError(
      '--if-revision works with one name only',
      'change the credentials one at a time, each with its revision',
    );
  }
}

/**
 * As {@link refuseGuards}, for a command that takes names or a selection.
 *
 * @throws CredctlError `usage`
 */
export function refuseSelection(names: readonly string[], options: UnusedOptions): void {
  refuseGuards(names, options);
  if (options.unusedFor === undefined) {
    const foreign = (['dryRun', 'force'] as const).find((flag) => options[flag] !== undefined);
    if (foreign !== undefined)
      throw usageError(`--${flagName(foreign)} works only with --unused-for`, 'add --unused-for');
    return;
  }
  if (names.length > 0) throw usageError('--unused-for and names cannot be used together', 'use one of them');
  if (options.ifRevision !== undefined)
    throw usageError('--unused-for and --if-revision cannot be used together', 'use one of them');
}
