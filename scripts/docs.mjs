// @ts-check
/**
 * Makes the documentation of the commands from the command tree, docs/cli.md and man/credctl.1, and the picture in the
 * README from a transcript. With `--check` it changes nothing, names what is stale, and ends with 1 if anything is.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process, { argv, stderr, stdout } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { picture } from './picture.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Below this, what is not bundled is found. */
const LIBRARIES = join(ROOT, 'node_modules');

/** @returns {Promise<readonly { path: string, text: string }[]>} */
async function generate() {
  const workshop = await mkdtemp(join(LIBRARIES, '.credctl-docs-'));
  const bundle = join(workshop, 'generate.mjs');
  const umask = process.umask();
  try {
    await build({
      cwd: ROOT,
      input: 'src/cli/reference/generate.ts',
      platform: 'node',
      external: /^[^./]/,
      transform: { define: { CREDCTL_VERSION: '""' } },
      logLevel: 'warn',
      output: { file: bundle, format: 'es', codeSplitting: false },
    });
    const { referenceFiles } = await import(pathToFileURL(bundle).href);
    return await referenceFiles();
  } finally {
    process.umask(umask);
    await rm(workshop, { recursive: true, force: true });
  }
}

/** @param {string} path */
async function present(path) {
  return readFile(join(ROOT, path), 'utf8').catch(() => null);
}

const isCheck = argv.includes('--check');
for (const { path, text } of [...(await generate()), await picture()]) {
  if ((await present(path)) === text) continue;
  if (isCheck) {
    stderr.write(`${path} is stale: npm run docs\n`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), text);
    stdout.write(`${path}\n`);
  }
}
