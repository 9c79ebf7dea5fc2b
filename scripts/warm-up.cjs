// @ts-check
/**
 * Run by the build: loads the bundles the way bin/ does, runs typical commands with them, and writes down the code
 * that V8 has compiled by then. What the commands print is of no interest; what went wrong is sent to the parent.
 *
 * With the name of a start and the arguments that it is for, it does so for that file alone.
 */
'use strict';

const { mkdirSync, readdirSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { bundlesIn, codeFile } = require('../bin/credctl.js');

/** What the other commands have in common. More would make every start slower: V8 unpacks all of its code at once. */
const COMMON = [
  ['--help'],
  ['create', 'bot', '--type', 'api-key', '--scope', 'data:conversations'],
  ['list', '--json'],
];

/**
 * @param {string} directory
 * @param {string | undefined} start
 * @param {string[]} command
 */
async function warmUp(directory, start, command) {
  const mask = process.umask();
  mkdirSync('config/credctl', { recursive: true });
  writeFileSync('config/credctl/config.toml', 'hash = "bcrypt"\nbcrypt_cost = 4\n');
  const bundles = bundlesIn(directory, start ?? 'cli.bundle');
  const { run } = bundles.load('cli.bundle/entry');
  for (const argv of start === undefined ? COMMON : [command]) {
    try {
      const status = await run(argv);
      if (status !== 0) warn(`${argv.join(' ')}' ended with ${status}`);
    } catch (fault) {
      warn(`${argv.join(' ')}' failed: ${fault}`);
    }
  }
  process.umask(mask);
  const names = readdirSync(directory).filter((name) => name.endsWith('.bundle'));
  for (const name of start === undefined ? names : [start]) {
    const { source, script, functions } = bundles.open(name);
    if ('index' in functions) bundles.load(`${name}/index`);
    const file = codeFile(directory, source);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, script.createCachedData());
  }
  process.disconnect?.();
}

/** @param {string} message */
function warn(message) {
  process.send?.(`the code cache lacks a command: 'credctl ${message}`);
}

const [, , directory, start, ...command] = process.argv;
warmUp(String(directory), start, command);
