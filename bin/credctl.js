#!/usr/bin/env node
'use strict';

const OLDEST_NODE = [20, 17];

/** V8 wants its code at a multiple of eight. */
const HEADER_LENGTH = 8;

/** Modules of Node that are not loaded at its own start. Libraries import some for what they rarely do. */
const LATE_BUILTINS = new Set(
  [
    'child_process',
    'crypto',
    'fs/promises',
    'http',
    'https',
    'module',
    'net',
    'os',
    'perf_hooks',
    'readline',
    'tty',
    'worker_threads',
  ].flatMap((name) => [name, `node:${name}`]),
);

/**
 * Gives access to the bundles in a directory, each of which is evaluated once.
 *
 * A bundle holds the length of its source, the source, which is a function, and the code that V8 compiled for it at
 * build time. If another version of Node did that, V8 notices and compiles as usual.
 */
function bundlesIn(directory) {
  const { readFileSync } = require('node:fs');
  const { join } = require('node:path');
  const { Script } = require('node:vm');
  const scripts = new Map();
  const modules = new Map();

  function load(name) {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const filename = join(directory, name);
    const file = readFileSync(filename);
    const end = HEADER_LENGTH + file.readUInt32LE(0);
    const source = file.toString('latin1', HEADER_LENGTH, end);
    const cachedData = file.length > end ? file.subarray(end) : undefined;
    // V8's code holds the name: the whole path would be that of the build.
    const script = new Script(source, { filename: name, cachedData });
    const bundle = { exports: {} };
    scripts.set(name, script);
    modules.set(name, bundle);
    script.runInThisContext()(requireIn, bundle, filename);
    return bundle.exports;
  }

  function requireIn(id) {
    if (id.startsWith('./')) return load(id.slice(2));
    return LATE_BUILTINS.has(id) ? whenUsed(id) : require(id);
  }

  return { load, scripts };
}

/** A builtin module that is loaded when something in it is looked up. */
function whenUsed(id) {
  return new Proxy(
    {},
    {
      get: (_, name) => require(id)[name],
      has: (_, name) => name in require(id),
      ownKeys: () => Reflect.ownKeys(require(id)),
      getOwnPropertyDescriptor: (_, name) => ({
        value: require(id)[name],
        enumerable: true,
        configurable: true,
      }),
    },
  );
}

function start() {
  process.on('uncaughtException', endUnexpectedly);
  let program;
  try {
    program = bundlesIn(`${__dirname}/../dist`).load('cli.bundle');
  } catch (fault) {
    if (fault.code !== 'ENOENT') throw fault;
    end('the program has not been built', "run 'npm run build' in its directory");
    return;
  }
  // Ending at once spares what Node would tidy up. Nothing is lost, since all output has been written by then.
  program.run(process.argv.slice(2)).then((code) => process.exit(code), endUnexpectedly);
}

/** The last resort for what the program itself did not turn into an exit code. */
function endUnexpectedly(fault) {
  if (process.env.CREDCTL_DEBUG === '1')
    process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
  end(
    'something went wrong that should not have',
    'run it again with CREDCTL_DEBUG=1 and report what it prints',
  );
}

function end(message, hint) {
  const error = { code: 'unexpected', message, hint };
  const text = process.argv.includes('--json')
    ? JSON.stringify({ schema_version: 1, error })
    : `credctl: ${message}\nhint: ${hint}`;
  process.exitCode = 1;
  process.stderr.write(`${text}\n`, () => process.exit());
}

function isTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

if (require.main !== module) module.exports = { bundlesIn, HEADER_LENGTH };
else if (isTooOld()) end(`Node.js ${OLDEST_NODE.join('.')} or newer is needed`, 'update Node.js');
else start();
