/**
 * Writes what the program writes before it gives a file its name, and waits to be killed there. Arguments: the kind of
 * the temporary entry and the file that it is to become.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DRAFT_FILE, type TemporaryKind, temporaryPath } from '../../../src/files/leftovers.js';

const [kind, target] = process.argv.slice(2);

if (kind !== undefined && target !== undefined) {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const path = temporaryPath(target, kind as TemporaryKind);
  if (kind === 'draft') mkdirSync(path, { mode: 0o700 });
  writeFileSync(kind === 'draft' ? join(path, DRAFT_FILE) : path, 'half a secret', { mode: 0o600 });
  process.stdout.write('written\n');
  setInterval(() => {}, 60_000);
}
