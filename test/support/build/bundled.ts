import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE_HOME } from './compiled-code.js';

const MAKER = fileURLToPath(new URL('bundle-program.mjs', import.meta.url));

/** A file that Node can run, made of a module of test/support and everything that it imports. */
export interface Bundled {
  readonly file: string;
  remove(): void;
}

/**
 * Bundles a module of this directory the way the program itself is bundled.
 *
 * @param warmUp arguments of a first run, after which starts are faster
 */
export async function bundled(module: string, warmUp: readonly string[]): Promise<Bundled> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-bundled-'));
  execFileSync(process.execPath, [MAKER, module, directory], { stdio: ['ignore', 'ignore', 'inherit'] });
  const file = join(directory, 'start.cjs');
  execFileSync(process.execPath, [file, ...warmUp], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: directory,
      XDG_DATA_HOME: join(directory, 'data'),
      XDG_CACHE_HOME: CACHE_HOME,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
