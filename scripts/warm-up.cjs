// @ts-check
/**
 * Run by the build: loads the bundles the way bin/ does, runs typical commands with them, and writes down the code
 * that V8 has compiled by then. What the commands print is of no interest; what went wrong is sent to the parent.
 */
'use strict';

const { mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { bundlesIn } = require('../bin/credctl.js');
const { bundleFile, sourceIn } = require('./bundle-file.cjs');

/** What is run most. More would make every start slower, since V8 unpacks all of its code at once. */
const COMMANDS = [
  ['--help'],
  ['create', 'bot', '--type', 'api-key', '--scope', 'data:conversations'],
  ['list', '--json'],
];

/** @param {string} directory */
async function warmUp(directory) {
  const mask = process.umask();
  mkdirSync('config/credctl', { recursive: true });
  writeFileSync('config/credctl/config.toml', 'hash = "sha256"\n');
  const bundles = bundlesIn(directory);
  const { run } = bundles.load('cli.bundle/entry');
  for (const argv of COMMANDS) {
    try {
      const status = await run(argv);
      if (status !== 0) warn(`${argv.join(' ')}' ended with ${status}`);
    } catch (fault) {
      warn(`${argv.join(' ')}' failed: ${fault}`);
    }
  }
  process.umask(mask);
  for (const name of readdirSync(directory).filter((name) => name.endsWith('.bundle'))) {
    const { script, functions } = bundles.open(name);
    if ('index' in functions) bundles.load(`${name}/index`);
    const file = join(directory, name);
    writeFileSync(file, bundleFile(sourceIn(readFileSync(file)), script.createCachedData()));
  }
  process.disconnect?.();
}

/** @param {string} message */
function warn(message) {
  process.send?.(`the code cache lacks a command: 'credctl ${message}`);
}

warmUp(String(process.argv[2]));
