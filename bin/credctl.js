#!/usr/bin/env node
'use strict';

// V8 compiles this file anew for every start: what can be elsewhere is.

/** Two lengths, of four bytes each. */
const HEADER_LENGTH = 8;

/** What is run most has a file of its own, by the first argument: with all that it needs, and nothing else. */
const STARTS = {
  list: 'list.start',
  create: 'create.start',
  '--help': 'help.start',
  '-h': 'help.start',
  '--version': 'help.start',
};

/** Gives access to the modules in a directory, by way of the file `first`; see scripts/module-loader.cjs. */
function bundlesIn(directory, first) {
  const opened = open(directory, first);
  const loader = {};
  opened.functions.loader(require, loader);
  return loader.exports(directory, first, opened, open);
}

/** A file that scripts/bundle-file.cjs describes. If another version of Node compiled it, V8 does so as usual. */
function open(directory, name) {
  const { closeSync, openSync, readSync } = require('node:fs');
  const { Script } = require('node:vm');
  const file = openSync(`${directory}/${name}`);
  const header = Buffer.alloc(HEADER_LENGTH);
  readSync(file, header);
  const length = header.readUInt32LE(0);
  const codeLength = header.readUInt32LE(4);
  // One after the other in the same memory: touching new pages takes longer than reading.
  const bytes = Buffer.allocUnsafeSlow(Math.max(length, codeLength));
  const source = bytes.toString('latin1', 0, readSync(file, bytes, 0, length));
  const cachedData = codeLength > 0 ? bytes.subarray(0, readSync(file, bytes, 0, codeLength)) : undefined;
  closeSync(file);
  // V8's code holds the name: the whole path would be that of the build.
  const script = new Script(source, { filename: name, cachedData });
  return { script, functions: script.runInThisContext() };
}

if (require.main === module) {
  const [major, minor] = process.versions.node.split('.');
  if (+major < 20 || (major === '20' && minor < 17)) require('./last-words.js').tellTooOld();
  else start();
} else module.exports = { bundlesIn, HEADER_LENGTH };

/**
 * At its end Node gives terminals the mode back that they had at its start: from the background too, under whatever is
 * in the foreground; and it aborts where one has been closed. Each descriptor stays taken, since threads still run.
 */
function letGoOfTerminals() {
  if (process.platform === 'win32') return;
  const { closeSync, fstatSync, openSync } = require('node:fs');
  for (const descriptor of [0, 1, 2]) {
    try {
      if (!fstatSync(descriptor).isCharacterDevice()) continue;
      closeSync(descriptor);
      openSync('/dev/null', 'r+');
    } catch {
      // One that was closed already is not anybody's.
    }
  }
}

/** SIGHUP does what SIGTERM does, also by default: the exit status is 143, not 129. Whoever listens to it decides. */
function endAtHangUp() {
  if (process.listenerCount('SIGHUP') > 1) return;
  if (process.listenerCount('SIGTERM') === 0) letGoOfTerminals();
  process.kill(process.pid, 'SIGTERM');
}

function start() {
  process.on('exit', letGoOfTerminals);
  process.on('SIGHUP', endAtHangUp);
  const fail = (fault) => require('./last-words.js').tellFault(fault);
  process.on('uncaughtException', fail);
  let program;
  try {
    const name = process.argv[2];
    const first = Object.hasOwn(STARTS, name) ? STARTS[name] : 'cli.bundle';
    program = bundlesIn(`${__dirname}/../dist`, first).load('cli.bundle/entry');
  } catch (fault) {
    if (fault.code !== 'ENOENT') throw fault;
    require('./last-words.js').tellUnbuilt();
    return;
  }
  // Ending at once spares what Node would tidy up. Nothing is lost, since all output has been written by then.
  program.run(process.argv.slice(2)).then((code) => process.exit(code), fail);
}
