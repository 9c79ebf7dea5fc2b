import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { installed } from '../support/build/packed.js';
import { fencesOf } from '../support/build/page.js';
import { PROJECT } from '../support/program/real-program.js';

const run = promisify(execFile);
const TYPESCRIPT = join(PROJECT, 'node_modules', '.bin', 'tsc');

/** What the examples use besides the package. */
const NEIGHBOURS = ['fastify', '@types', 'undici-types'];

/** The examples; first the one that makes the store which the others open. */
const examples = fencesOf('docs/library.md')
  .flatMap(({ language, text }) => (language === 'ts' ? [text] : []))
  .toSorted((one, other) => Number(isMaker(other)) - Number(isMaker(one)));

function isMaker(code: string): boolean {
  return code.includes('openStore(');
}

describe('the examples of the library', () => {
  it('type-check and run as they stand, one after the other', async () => {
    expect(examples).toHaveLength(6);
    const directory = await installed();
    for (const name of NEIGHBOURS) {
      symlinkSync(join(PROJECT, 'node_modules', name), join(directory, 'node_modules', name));
    }
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    const files = examples.map((_, index) => `example-${index}.ts`);
    for (const [index, code] of examples.entries()) {
      writeFileSync(join(directory, `example-${index}.ts`), code);
      writeFileSync(
        join(directory, `example-${index}.js`),
        (await transform(code, { loader: 'ts', format: 'esm' })).code,
      );
    }
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const checked = run(TYPESCRIPT, [...flags, '--skipLibCheck', ...files], { cwd: directory });
    expect(await checked.catch(({ stdout }) => stdout)).toEqual({ stdout: '', stderr: '' });
    for (const [index, code] of examples.entries()) {
      const { stdout } = await run(process.execPath, [`example-${index}.js`], { cwd: directory });
      expect(stdout).toBe(code.includes("write('no\\n')") ? 'no\n' : '');
    }
  });
});
