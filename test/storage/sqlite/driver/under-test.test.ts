import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROJECT } from '../../../support/program/real-program.js';
import { temporaryDirectory } from '../../../support/stores/stores.js';

/** Makes better-sqlite3 as missing as npm leaves it where it could not be built. */
const MISSING = `const Module = require('node:module');
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (name !== 'better-sqlite3') return resolve.call(this, name, ...rest);
  throw Object.assign(new Error("Cannot find module 'better-sqlite3'"), { code: 'MODULE_NOT_FOUND' });
};`;

/** Runs Node.js in the checkout, without better-sqlite3. */
function nodeWithout(...argv: readonly string[]): Promise<{ exitCode: unknown; stderr: string }> {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  const stub = join(directory.path, 'missing.cjs');
  writeFileSync(stub, MISSING);
  const env = { PATH: process.env['PATH'], HOME: directory.path, NODE_OPTIONS: `--require ${stub}` };
  return new Promise((resolve) => {
    execFile(process.execPath, [...argv], { cwd: PROJECT, env }, (fault, _, stderr) =>
      resolve({ exitCode: fault?.code ?? 0, stderr }),
    );
  });
}

describe('where better-sqlite3 is missing', () => {
  it('no test of the program runs, and npm test says why and what to do', async () => {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const { exitCode, stderr } = await nodeWithout(vitest, 'run', 'test/storage/sqlite/settings.test.ts');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `better-sqlite3, which most stores in a file are opened with, does not load with Node.js ${process.version}: Error: Cannot find module 'better-sqlite3'
npm rebuild better-sqlite3 builds it for this Node.js; where npm ci has left it out, npm ci --foreground-scripts says why
to test the SQLite of Node.js in its place: TEST_SQLITE=node npx vitest run test/storage
`,
    );
  });

  it('the gate ends before its first step', async () => {
    const gate = readFileSync(join(PROJECT, '.ci', 'run'), 'utf8');
    const [, script = ''] = /^npm ci .*\n(?:#.*\n)*node -e '(.+)'\nstep /m.exec(gate) ?? [];
    const { exitCode, stderr } = await nodeWithout('-e', script);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Cannot find module 'better-sqlite3'")]);
  });
});
