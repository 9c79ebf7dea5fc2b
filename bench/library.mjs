// @ts-check
/** Bundles what is measured from its source, so that the figures are those of the code as it stands. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

/** @typedef {typeof import('./library.ts')} Library */

const ENTRY = fileURLToPath(new URL('./library.ts', import.meta.url));

/** Beside the packages that the bundle leaves out; not under version control. */
const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));

/** @returns {Promise<Library>} */
export async function loadLibrary() {
  await mkdir(RESULTS, { recursive: true });
  const directory = await mkdtemp(join(RESULTS, 'library-'));
  try {
    const outfile = join(directory, 'library.mjs');
    await esbuild.build({
      entryPoints: [ENTRY],
      outfile,
      bundle: true,
      packages: 'external',
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await esbuild.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
