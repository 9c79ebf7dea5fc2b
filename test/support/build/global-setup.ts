import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { isWholeRun } from '../faults/fault-numbers.js';
import { startBroker } from '../postgres/broker.js';
import { keepTemporaryFilesInMemory } from './memory-disk.js';
import { sqliteObstacle } from './sqlite-under-test.js';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** What a run without TEST_FAULTS does not try. */
const LEFT_TO_THE_GATE =
  'tried in a tenth: faults, and releases of Node.js; on the newest alone: PostgreSQL; not at all: the unit tests with other releases of Node.js. TEST_FAULTS=full npm test tries everything.\n';

/** Everything that the program is built from. */
const SOURCES = ['src', 'scripts', 'bin', 'rolldown.config.mjs', 'package.json', 'package-lock.json'];

/** Builds the program, and answers tests that want a PostgreSQL server, until all have ended. Unit tests need neither. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const isUnit = project.vitest.projects.every(({ name }) => name === 'unit');
  const obstacle = isUnit ? null : sqliteObstacle();
  if (obstacle !== null) {
    process.stderr.write(`${obstacle}\n`);
    process.exit(1);
  }
  const forget = keepTemporaryFilesInMemory();
  if (isUnit) return async () => forget();
  if (!isWholeRun()) process.stderr.write(LEFT_TO_THE_GATE);
  await build();
  const broker = await startBroker();
  project.provide('postgresBroker', broker.url);
  return async () => {
    await broker.stop();
    forget();
  };
}

/** Builds the program once before all tests, unless that has been done since the last change. */
async function build(): Promise<void> {
  const sources = await Promise.all(SOURCES.map((path) => newest(join(PROJECT, path))));
  const built = await timeOf(join(PROJECT, 'dist', 'entry.cjs'));
  if (built !== null && built >= Math.max(...sources)) return;
  await promisify(execFile)(process.execPath, [join(PROJECT, 'scripts', 'build.mjs')], { cwd: PROJECT });
}

/** When the path, or anything below it, last changed: epoch milliseconds. */
async function newest(path: string): Promise<number> {
  const { mtimeMs } = await stat(path);
  const below = await readdir(path, { recursive: true }).catch(() => []);
  const times = await Promise.all(below.map(async (name) => (await timeOf(join(path, name))) ?? 0));
  return Math.max(mtimeMs, ...times);
}

async function timeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return null;
  }
}
