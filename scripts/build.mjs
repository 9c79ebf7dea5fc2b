// @ts-check
/**
 * Builds dist/ and THIRD-PARTY-NOTICES: bundles the program and the library as rolldown.config.mjs says, and writes the
 * types of the library. Everything is made in a directory of its own, which then takes the place of dist/.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import config from '../rolldown.config.mjs';
import { thirdPartyNotices } from './notices.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DESTINATION = join(ROOT, 'dist');
const NOTICES = join(ROOT, 'THIRD-PARTY-NOTICES');
const WORKSHOP = 'dist.tmp-';
const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** Longer than any build takes: a workshop of that age belongs to one that was cut off. */
const STALE_AFTER_MS = 3_600_000;

const startedAt = new Date();
for (const name of (await readdir(ROOT)).filter((name) => name.startsWith(WORKSHOP))) {
  const { mtime } = await stat(join(ROOT, name));
  if (startedAt.getTime() - mtime.getTime() > STALE_AFTER_MS)
    await rm(join(ROOT, name), { recursive: true, force: true });
}
const workshop = await mkdtemp(join(ROOT, WORKSHOP));
try {
  const inWorkshop = config.map((part) => ({
    ...part,
    cwd: ROOT,
    logLevel: /** @type {const} */ ('warn'),
    output: { ...part.output, dir: join(workshop, 'dist') },
  }));
  const types = ['-p', 'tsconfig.types.json', '--outDir', join(workshop, 'dist', 'types')];
  const [outputs] = await Promise.all([
    build(inWorkshop),
    promisify(execFile)(execPath, [COMPILER, ...types], { cwd: ROOT }),
  ]);
  const modules = outputs.flatMap(({ output }) =>
    output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])),
  );
  await writeFile(join(workshop, 'notices'), await thirdPartyNotices(modules));
  // A source that has changed since then is newer than what was built.
  await utimes(join(workshop, 'dist', 'entry.cjs'), startedAt, startedAt);
  await rename(join(workshop, 'notices'), NOTICES);
  await rename(DESTINATION, join(workshop, 'before')).catch(() => {});
  await rename(join(workshop, 'dist'), DESTINATION);
} finally {
  await rm(workshop, { recursive: true, force: true });
}
