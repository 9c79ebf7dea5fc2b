import { statSync } from 'node:fs';
import { CredctlError } from '../../../domain/errors.js';
import { shown } from './access.js';

/** Device and inode of the file at a path; null when there is none. */
export function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/**
 * Refuses a file that was replaced at its path, or removed, since writes to an unlinked file are lost. To be called under the
 * write lock, which a replacement takes as well.
 *
 * @throws CredctlError `store_unavailable`
 */
export function refuseReplaced(path: string, identity: string | null): void {
  if (identity === null) return;
  const found = identityOf(path);
  if (found === identity) return;
  const what = found === null ? 'removed' : 'replaced';
  throw new CredctlError('store_unavailable', `${shown(path)} was ${what} while this command had it open`, {
    hint: 'nothing was changed; run the command again',
  });
}
