import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { codeOf } from '../../../files/errno.js';
import type { SqliteDatabase, SqliteOptions } from './database.js';

/** Opens a database, as better-sqlite3 does. The first one loads its addon. */
export type DatabaseClass = new (file: string | Buffer, options?: SqliteOptions) => SqliteDatabase;

/** There is no better-sqlite3 where this program would find it. */
export class NotInstalled extends Error {}

/**
 * Loads better-sqlite3. It is an optional dependency: without it, an `import` would end the program, and after an `await`
 * of one nothing could be opened synchronously.
 *
 * @throws NotInstalled
 */
export function betterSqlite(): DatabaseClass {
  // Bundlers that make CommonJS of the library, such as esbuild, leave `import.meta` empty.
  if (import.meta.url === undefined) return found(() => createRequire(__filename)('better-sqlite3'));
  // Tracers that copy the files which a program needs, such as those of Next.js, know a constant of this form alone.
  const require = createRequire(import.meta.url);
  return found(() => require('better-sqlite3'));
}

function found(load: () => typeof Database): DatabaseClass {
  try {
    return load();
  } catch (cause) {
    throw codeOf(cause) === 'MODULE_NOT_FOUND' ? new NotInstalled('better-sqlite3', { cause }) : cause;
  }
}
