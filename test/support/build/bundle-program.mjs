// @ts-check
/** Makes a program of a module of test/support, as the real one is made: `node bundle-program.mjs MODULE DIRECTORY`. */
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import config from '../../../rolldown.config.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const [module = '', directory = ''] = argv.slice(2);
const dist = join(directory, 'dist');

const [program] = config;
if (program === undefined) throw new Error('rolldown.config.mjs bundles no program');
await build({
  ...program,
  cwd: ROOT,
  input: { entry: `test/support/${module}` },
  logLevel: 'warn',
  output: { ...program.output, dir: dist, entryFileNames: 'entry-[hash].cjs' },
});
await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
for (const name of ['keychain-agent.mjs', 'hash-thread.mjs', 'writer-thread.mjs'])
  await symlink(join(ROOT, 'dist', name), join(dist, name));
await writeFile(
  join(directory, 'start.cjs'),
  `'use strict';
require(${JSON.stringify(join(ROOT, 'bin', 'compile-cache.js'))}).keepCompiledCode(${JSON.stringify(dist)});
require(require('node:fs').readdirSync(${JSON.stringify(dist)}).filter((name) => name.startsWith('entry-')).map((name) => ${JSON.stringify(`${dist}/`)} + name)[0]);
`,
);
