import { existsSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { CredctlError } from '../../domain/errors.js';
import { quote, shellWord } from '../../domain/text/quote.js';
import { codeOf } from '../../files/errno.js';
import { RightsNotKept } from '../../files/private-file.js';
import type { Succession } from '../../files/succession.js';

const FACTS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left',
  EDQUOT: 'no space left in the quota',
  EBUSY: 'something is mounted there',
};

/** What an errno of a failed write means, in words; the errno itself where there are none. */
export function writeFact(code: string): string {
  return FACTS[code] ?? code;
}

/** The error for a file that could not be written. */
export function fileFault(path: string, fault: unknown, hint: string): CredctlError {
  if (fault instanceof CredctlError) return fault;
  if (fault instanceof RightsNotKept) return rightsFault(path, fault, hint);
  const code = codeOf(fault) ?? 'unknown fault';
  if (code === 'EEXIST') return existsAlready(path);
  if (code === 'ENOENT' && existsSync(dirname(path))) {
    return new CredctlError(
      'undelivered',
      `cannot write ${quote(path)}: another program removed the temporary file beside it`,
      { hint: `${hint}; find out which program removes files in that directory`, cause: fault },
    );
  }
  const advice = code === 'ENOENT' ? `${hint}; create the directory first` : hint;
  return new CredctlError('undelivered', `cannot write ${quote(path)}: ${writeFact(code)}`, {
    hint: advice,
    cause: fault,
  });
}

/** The error for a file that exists and may not be replaced. */
export function existsAlready(path: string): CredctlError {
  return new CredctlError('undelivered', `${quote(path)} exists already`, {
    hint: 'nothing was changed; use --force to replace it, or name another file',
  });
}

/** The error for a file or directory with the immutable or append-only attribute. */
export function unchangeable(path: string): CredctlError {
  return new CredctlError('undelivered', `${quote(path)} is immutable or append-only`, {
    hint: `nothing was changed; run: chattr -i -a ${shellWord(path)}, or name another file`,
  });
}

const NOT_KEPT: Readonly<Record<RightsNotKept['missing'], string>> = {
  mode: 'other users could read the file, because this file system has no permissions',
  owner: 'the file would belong to another user on this file system',
  'given-owner': 'you cannot give a new file the same owner and group, and its readers would lose access',
};

function rightsFault(path: string, cause: RightsNotKept, hint: string): CredctlError {
  const advice =
    cause.missing === 'given-owner'
      ? 'run the command as root, or change the group of the file to one of yours'
      : 'name a file on another file system';
  return new CredctlError('undelivered', `cannot write ${quote(path)}: ${NOT_KEPT[cause.missing]}`, {
    hint: `${hint}; ${advice}, or pass the secret to a command: -- COMMAND`,
    cause,
  });
}

/** The error for a replacement that would lock out the file's readers. */
export function refusedSuccession(
  path: string,
  { uid }: Stats,
  refusal: NonNullable<Succession['refusal']>,
): CredctlError {
  const word = shellWord(path);
  if (refusal === 'third-owner') {
    return new CredctlError(
      'undelivered',
      `${quote(path)} belongs to user ${uid}, who is neither you nor the owner of its directory`,
      {
        hint: `nothing was changed; make the file yours and let its reader in by the group: chown "$(id -u)" ${word} && chmod 640 ${word}`,
      },
    );
  }
  return new CredctlError(
    'undelivered',
    `other users have access to ${quote(path)}, and can change its directory`,
    {
      hint: `nothing was changed; run: chmod go-w ${shellWord(dirname(path))}; or, if only you read the file: chmod 600 ${word}`,
    },
  );
}
