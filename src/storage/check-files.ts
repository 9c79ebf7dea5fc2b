import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { shellWord } from '../domain/quote.js';
import type { Finding } from '../domain/store-port.js';
import { shown } from './sqlite-file.js';

/** Looks at the files of a store: those that SQLite needs, and those that backups and cut-off commands leave. */
export function checkFiles(path: string): readonly Finding[] {
  if (process.platform === 'win32') return [];
  const directory = dirname(path);
  const name = basename(path);
  const own = ['', '-wal', '-shm', '-journal'].map((suffix) => `${path}${suffix}`);
  const beside = readdirSync(directory).filter((entry) => isKept(entry, name));
  return [
    ...[...own, ...beside.map((entry) => join(directory, entry))].flatMap(looseFile),
    ...looseDirectory(directory),
    ...leftovers(directory, name),
  ];
}

/** Whether a restore or a migration has kept it. */
function isKept(entry: string, name: string): boolean {
  return entry.startsWith(`${name}.replaced-`) || entry.startsWith(`${name}.schema-`);
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
  return [error(`${shown(path)} is open to other users`, `chmod 600 ${shellWord(path)}`)];
}

function looseDirectory(directory: string): readonly Finding[] {
  const found = lookAt(directory);
  if (found === null || (found.mode & 0o077) === 0) return [];
  return [
    {
      check: 'modes',
      severity: 'note',
      message: `other users can look into ${shown(directory)}; the files in it are closed to them`,
      fix: `chmod 700 ${shellWord(directory)}, unless others need it`,
    },
  ];
}

/** The next creation, backup or restore removes them. */
function leftovers(directory: string, name: string): readonly Finding[] {
  const pattern = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.(?:new|draft)$/;
  return readdirSync(directory)
    .filter((entry) => {
      const [, of, pid] = pattern.exec(entry) ?? [];
      return of === name && pid !== undefined && !isRunning(Number(pid));
    })
    .map((entry) => ({
      check: 'leftovers',
      severity: 'note' as const,
      message: `${shown(join(directory, entry))} was left by a command that was killed`,
      fix: `rm -r ${shellWord(join(directory, entry))}`,
    }));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM';
  }
}

function lookAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function error(message: string, fix: string): Finding {
  return { check: 'modes', severity: 'error', message, fix };
}
