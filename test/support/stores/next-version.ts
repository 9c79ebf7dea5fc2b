import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { build, type Plugin } from 'esbuild';
import { expect } from 'vitest';
import { OLDEST_SCHEMA, SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { CACHE_HOME } from '../build/compiled-code.js';
import { type Ended, PROGRAM, PROJECT, runIn } from '../program/real-program.js';
import type { Workplace } from '../program/workplace.js';

/** The schema of the next version of the program. */
export const NEXT = SCHEMA_NUMBER + 1;

/** What the next version of the program adds to the schema: a column, a table with rows, an index. */
const MIGRATIONS = `
  import { MIGRATIONS as PRESENT } from 'present:migrations';
  export const MIGRATIONS = [...PRESENT, { to: ${NEXT}, statements: ({ text }) => [
    'alter table owner add column contact ' + text,
    'create table owner_note (owner_id ' + text + ' primary key references owner (id) on delete cascade,' +
      ' note ' + text + ' not null)',
    'insert into owner_note (owner_id, note) select id, name from owner',
    'create index owner_note_by_note on owner_note (note, owner_id)',
  ] }];`;

const SCHEMA_NUMBERS = `export const SCHEMA_NUMBER = ${NEXT}; export const OLDEST_SCHEMA = ${OLDEST_SCHEMA};`;

/** What the present schema lacks of that. */
const EARLIER = `export const EARLIER_SCHEMA = ${SCHEMA_NUMBER};
  export const EARLIER = {
    narrower: { owner: {
      has: ['id', 'name', 'name_key', 'kind', 'status', 'created_at', 'created_by', 'updated_at'],
      lacks: { contact: 'text' },
    } },
    lacks: { owner_note: { owner_id: 'text', note: 'text' } },
    lacksFunctions: [],
  };`;

/** What is bundled. */
const START = `import { main } from './src/cli/main.js';
import { createHost } from './src/cli/host/system-host.js';
void main(process.argv.slice(2), createHost()).then((code) => { process.exitCode = code; });`;

/** What takes the place of bin/credctl.js. */
function starterOf(bundle: string): string {
  const compileCache = JSON.stringify(join(PROJECT, 'bin', 'compile-cache.js'));
  return `require(${compileCache}).keepCompiledCode(__dirname);\nrequire('./${bundle}');\n`;
}

/** A version of the program that is still to come, with one more migration than the present one. */
export interface NextVersion {
  /** What Node runs. */
  readonly program: string;
  /** Runs it in a workplace. */
  run(of: Workplace, argv: readonly string[]): Promise<Ended>;
  /** The number of the schema in the file of a workplace, once it has been found to be whole in that form. */
  wholeAs(of: Workplace): Promise<number>;
  remove(): void;
}

/** The names of the backups before a migration. */
export const backupsIn = (of: Workplace): readonly string[] =>
  readdirSync(of.storeDirectory).filter((name) => name.startsWith(`credctl.db.schema-${SCHEMA_NUMBER}-`));

async function wholeAs(of: Workplace, later: string): Promise<number> {
  const database = new Database(of.store, { readonly: true });
  const schema = Number(database.pragma('user_version', { simple: true }));
  const notes = database.prepare("select count(*) as n from sqlite_schema where name = 'owner_note'").get();
  database.close();
  expect(notes).toEqual({ n: schema - SCHEMA_NUMBER });
  const program = schema === SCHEMA_NUMBER ? PROGRAM : later;
  expect(await runIn(of, [process.execPath, program, 'store', 'check'])).toMatchObject({ exitCode: 0 });
  return schema;
}

/** Builds it from the present sources. */
export async function nextVersion(): Promise<NextVersion> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-next-'));
  const [draft, program] = [join(directory, 'draft.cjs'), join(directory, 'credctl.cjs')];
  await build({
    absWorkingDir: PROJECT,
    stdin: { contents: START, resolveDir: PROJECT, loader: 'ts' },
    outfile: draft,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    banner: {
      js: "const importMeta={get url(){return require('node:url').pathToFileURL(__filename).href}};",
    },
    define: { 'import.meta.url': 'importMeta.url', CREDCTL_VERSION: '"9.9.9"' },
    external: ['better-sqlite3', '@napi-rs/keyring', 'pg-native'],
    logLevel: 'error',
    plugins: [laterSchema()],
  });
  // Compiled code is kept of files whose names hold their digest.
  const bundle = `next-${createHash('sha256').update(readFileSync(draft)).digest('hex').slice(0, 8)}.cjs`;
  renameSync(draft, join(directory, bundle));
  writeFileSync(program, starterOf(bundle));
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  // A first run, after which starts are faster.
  execFileSync(process.execPath, [program, 'create', 'first', '--scope', 'data:users'], {
    env: { HOME: directory, XDG_DATA_HOME: join(directory, 'data'), XDG_CACHE_HOME: CACHE_HOME },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return {
    program,
    run: (of, argv) => runIn(of, [process.execPath, program, ...argv]),
    wholeAs: (of) => wholeAs(of, program),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function laterSchema(): Plugin {
  const storage = join(PROJECT, 'src', 'storage');
  const migrations = join(storage, 'schema', 'migrations');
  return {
    name: 'later-schema',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^present:migrations$/ }, () => ({
        path: join(migrations, 'index.ts'),
        namespace: 'present',
      }));
      onLoad({ filter: /./, namespace: 'present' }, async ({ path }) => ({
        contents: await (await import('node:fs/promises')).readFile(path, 'utf8'),
        loader: 'ts',
        resolveDir: migrations,
      }));
      onLoad({ filter: /schema[\\/]migrations[\\/]index\.ts$/, namespace: 'file' }, () => ({
        contents: MIGRATIONS,
        loader: 'ts',
        resolveDir: migrations,
      }));
      onLoad({ filter: /schema[\\/]number\.ts$/, namespace: 'file' }, () => ({
        contents: SCHEMA_NUMBERS,
        loader: 'ts',
      }));
      onLoad({ filter: /schema[\\/]earlier\.ts$/, namespace: 'file' }, () => ({
        contents: EARLIER,
        loader: 'ts',
      }));
      onLoad({ filter: /schema[\\/]known-tables\.ts$/, namespace: 'file' }, async ({ path }) => {
        const text = await (await import('node:fs/promises')).readFile(path, 'utf8');
        return {
          contents: text.replace('tombstone: true', 'tombstone: true, owner_note: true'),
          loader: 'ts',
        };
      });
    },
  };
}
