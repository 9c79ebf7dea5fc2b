import { closeSync, fsyncSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { CredctlError, conflictError } from '../domain/errors.js';
import { quote } from '../domain/text/quote.js';
import { codeOf } from '../files/errno.js';

/**
 * Writes a text that is no secret to a new file, with the user's own umask; an incomplete one is removed.
 *
 * @throws CredctlError `conflict` where the path is taken; `not_found` without its directory; `store_unavailable`
 *   where it cannot be written
 */
export function writeNewFile(path: string, text: string): void {
  const descriptor = opened(path);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } catch (fault) {
    unlinkSync(path);
    throw unwritable(path, fault);
  } finally {
    closeSync(descriptor);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (fault) {
    throw unwritable(path, fault);
  }
}

function unwritable(path: string, fault: unknown): unknown {
  const code = codeOf(fault);
  switch (code) {
    case null:
      return fault;
    case 'EEXIST':
      return conflictError(`${quote(path)} exists`, 'name another file, or remove the existing one first');
    case 'ENOENT':
    case 'ENOTDIR':
      return new CredctlError('not_found', `cannot write ${quote(path)} (${code})`, {
        hint: 'create the directory first',
        cause: fault,
      });
    default:
      return new CredctlError('store_unavailable', `cannot write ${quote(path)} (${code})`, {
        hint: 'name a file in a directory that you can write to',
        cause: fault,
      });
  }
}
