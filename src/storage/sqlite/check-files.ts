import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Finding } from '../../domain/ports/store-port.js';
import { shellWord } from '../../domain/text/quote.js';
import { lookAt } from '../../files/identity.js';
import { isLeftoverOf, leftoversIn } from '../../files/leftovers.js';
import { shown } from './file/access.js';
import { REPLACED } from './file/second-name.js';

/** Checks the files of a store: SQLite's own, kept copies, and leftovers of killed commands. */
export function checkFiles(path: string): readonly Finding[] {
  if (process.platform === 'win32') return [];
  const directory = dirname(path);
  const name = basename(path);
  const own = ['', '-wal', '-shm', '-journal'].map((suffix) => `${path}${suffix}`);
  const beside = readdirSync(directory).filter((entry) => isKept(entry, name));
  return [
    ...[...own, ...beside.map((entry) => join(directory, entry))].flatMap(looseFile),
    ...looseDirectory(directory),
    ...leftovers(path),
  ];
}

/** Whether a restore or a migration has kept the file. */
function isKept(entry: string, name: string): boolean {
  return entry.startsWith(`${name}${REPLACED}`) || entry.startsWith(`${name}.schema-`);
}

function looseFile(path: string): readonly Finding[] {
  const found = lookAt(path);
  if (found === null) return [];
  if (!found.isFile()) {
    return [
      error(`${shown(path)} is not a regular file`, `find out who put it there; rm ${shellWord(path)}`),
    ];
  }
  if (found.uid !== process.geteuid?.()) {
    return [error(`${shown(path)} belongs to another user`, `chown "$(id -u)" ${shellWord(path)}`)];
  }
  if ((found.mode & 0o077) === 0) return [];
  return [error(`other users can read or write ${shown(path)}`, `chmod 600 ${shellWord(path)}`)];
}

function looseDirectory(directory: string): readonly Finding[] {
  const found = lookAt(directory);
  if (found === null || (found.mode & 0o077) === 0) return [];
  return [
    {
      check: 'modes',
      severity: 'note',
      message: `other users can list ${shown(directory)}; they cannot read the files in it`,
      fix: `chmod 700 ${shellWord(directory)}, unless others need it`,
    },
  ];
}

/**
 * Leftovers whose process is known to have ended are removed by the next creation, backup, restore or output beside
 * them.
 */
function leftovers(store: string): readonly Finding[] {
  return leftoversIn(dirname(store))
    .filter((leftover) => isLeftoverOf(leftover, store))
    .map(({ path, kind, isDead }) => ({
      check: 'leftovers',
      severity: 'note' as const,
      message: isDead
        ? `${shown(path)} was left by a command that was killed`
        : `another command, perhaps in another container, is writing ${shown(path)}, or has left it behind`,
      fix: isDead
        ? `rm ${kind === 'draft' ? '-r ' : ''}${shellWord(path)}`
        : `wait: once it is an hour old, the next command that writes there removes it`,
    }));
}

function error(message: string, fix: string): Finding {
  return { check: 'modes', severity: 'error', message, fix };
}
