import { statSync } from 'node:fs';
import { CredctlError } from '../../../domain/errors.js';
import { shown } from './access.js';

/** Tells one file from every other that may get its name; null when there is none. */
export function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/**
 * What is written to a file that has lost its name is lost. Asked while the write lock is held, which whoever replaces
 * the file needs as well.
 *
 * @throws CredctlError `store_unavailable`
 */
export function refuseReplaced(path: string, identity: string | null): void {
  if (identity === null || identityOf(path) === identity) return;
  throw new CredctlError('store_unavailable', `${shown(path)} was replaced while this command had it open`, {
    hint: 'nothing was changed; run the command again',
  });
}
