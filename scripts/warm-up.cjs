// @ts-check
/**
 * Run by the build: loads the bundles the way bin/ does, runs typical commands with them, and writes down the code
 * that V8 has compiled by then. What the commands print is of no interest; what went wrong is sent to the parent.
 */
'use strict';

const { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { bundlesIn, STAMP_LENGTH } = require('../bin/credctl.js');

const SCOPE = ['--scope', 'data:conversations'];

/** Each as on the command line; `stdin` is a file that takes the place of the standard input. */
const COMMANDS = [
  { argv: ['--help'] },
  { argv: ['--version'] },
  { argv: ['create', '--help'] },
  { argv: ['create', 'one', '--type', 'api-key', ...SCOPE, '--output', 'secret'] },
  { argv: ['create', 'two', '--type', 'oauth2', ...SCOPE, '--json'] },
  { argv: ['list'] },
  { argv: ['list', '--json'] },
  { argv: ['show', 'one'] },
  { argv: ['verify'], stdin: 'secret' },
  { argv: ['rotate', 'one'] },
];

/** @param {string} directory */
async function warmUp(directory) {
  const mask = process.umask();
  mkdirSync('config/credctl', { recursive: true });
  writeFileSync('config/credctl/config.toml', 'hash = "sha256"\n');
  const bundles = bundlesIn(directory);
  const { run } = bundles.load('cli.cjs');
  for (const { argv, stdin } of COMMANDS) {
    try {
      if (stdin !== undefined) replaceStandardInput(stdin);
      const status = await run(argv);
      if (status !== 0) warn(`${argv.join(' ')}' ended with ${status}`);
    } catch (fault) {
      warn(`${argv.join(' ')}' failed: ${fault}`);
    }
  }
  for (const name of readdirSync(directory)) bundles.load(name);
  process.umask(mask);
  for (const [name, script] of bundles.scripts) {
    const stamp = readFileSync(join(directory, name)).subarray(0, STAMP_LENGTH);
    writeFileSync(join(directory, `${name}.cache`), Buffer.concat([stamp, script.createCachedData()]));
  }
  process.disconnect?.();
}

/** The lowest free descriptor is the one that is opened next. @param {string} path */
function replaceStandardInput(path) {
  closeSync(0);
  openSync(path, 'r');
}

/** @param {string} message */
function warn(message) {
  process.send?.(`the code cache lacks a command: 'credctl ${message}`);
}

warmUp(String(process.argv[2]));
