// @ts-check
/**
 * Stores with many credentials, made once and kept in the directory for temporary files. Their names say which
 * schema they have, so that a change of it makes new ones.
 *
 * As a program: `node filled-store.mjs COUNT` makes the store if need be and prints its path.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  utimesSync,
} from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, geteuid, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const PREFIX = `credctl-bench-${geteuid?.() ?? 0}-`;

/** Whatever decides what is in the files. */
const SOURCES = [
  '../src/storage/schema/tables.ts',
  '../src/storage/schema/migrations/002-first.ts',
  '../src/storage/sql/columns.ts',
  '../src/storage/sqlite/text-index.ts',
  '../src/storage/postgres/schema/text-index.ts',
  './bulk-loader.mjs',
  './record.mjs',
];

/** Stores of other schemas that were not used for so long are removed. */
const STALE_AFTER_MS = 3_600_000;

/**
 * The path of a store with that many credentials.
 *
 * @param {number} count
 * @returns {Promise<string>}
 */
export async function filledStore(count) {
  const directory = await keptDirectory('stores', 0o700);
  const path = join(directory, `${count}.db`);
  if (!existsSync(path)) await fill(path, count);
  return path;
}

/**
 * A directory that is kept for as long as the same is filled in, and used.
 *
 * @param {string} kind
 * @param {number} mode
 */
export async function keptDirectory(kind, mode) {
  const directory = join(tmpdir(), `${PREFIX}${kind}-${digestOfSources()}`);
  mkdirSync(directory, { mode, recursive: true });
  utimesSync(directory, new Date(), new Date());
  await sweep();
  return directory;
}

/**
 * @param {string} path
 * @param {number} count
 */
async function fill(path, count) {
  const [{ loadLibrary }, { loadCredentials }] = await Promise.all([
    import('./library.mjs'),
    import('./bulk-loader.mjs'),
  ]);
  const draft = `${path}.${process.pid}.new`;
  const what = `filling a store with ${count.toLocaleString('en')} credentials`;
  const begin = Date.now();
  try {
    await loadCredentials(await loadLibrary(), draft, count, (step) => say(`${what}: ${step}`));
    const descriptor = openSync(draft, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(draft, path);
    say(`${what}: done in ${((Date.now() - begin) / 1_000).toFixed(1)} s`);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${draft}${suffix}`, { force: true });
  }
}

/** @param {string} text */
function say(text) {
  stderr.write(`bench: ${text}\n`);
}

function digestOfSources() {
  const hash = createHash('sha256');
  for (const source of SOURCES) hash.update(readFileSync(new URL(source, import.meta.url)));
  return hash.digest('hex').slice(0, 12);
}

async function sweep() {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const { mtimeMs } = await stat(join(tmpdir(), name));
    if (Date.now() - mtimeMs > STALE_AFTER_MS)
      await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) stdout.write(`${await filledStore(Number(argv[2]))}\n`);
