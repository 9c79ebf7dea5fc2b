#!/usr/bin/env node
'use strict';

// V8 compiles this file anew for every start: what can be elsewhere is.

/** How a bundle begins: a comment that is the digest of all that follows it. */
const DIGEST = { start: '/*'.length, end: '/*'.length + 16 };

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

/** A file that scripts/packing.mjs makes, with the code that V8 compiled for it where there is some. */
function open(directory, name) {
  const { readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  const source = readFileSync(`${directory}/${name}`, 'latin1');
  let cachedData;
  try {
    cachedData = readFileSync(codeFile(directory, source));
  } catch {}
  // V8's code holds the name: the whole path would be that of the build.
  const script = new Script(source, { filename: name, cachedData });
  return { source, script, functions: script.runInThisContext() };
}

/**
 * Where the code is that V8 compiled for a source. V8 itself accepts code of another patch release, and crashes in it;
 * of a source it compares the length alone. So the path names the exact build of Node.js and the digest of the source.
 */
function codeFile(directory, source) {
  const { version, platform, arch, versions, execPath } = process;
  const { size } = require('node:fs').statSync(execPath);
  const digest = source.slice(DIGEST.start, DIGEST.end);
  return `${directory}/code-cache/${version}-${platform}-${arch}-${versions.v8}-${size}/${digest}`;
}

if (require.main === module) {
  const [major, minor] = process.versions.node.split('.');
  if (+major < 20 || (major === '20' && minor < 17)) require('./last-words.js').tellTooOld();
  else start();
} else module.exports = { bundlesIn, codeFile };

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
    if (fault.code === 'ENOENT') require('./last-words.js').tellUnbuilt();
    else if (fault.code === 'EACCES') require('./last-words.js').tellUnreadable(fault.path);
    else throw fault;
    return;
  }
  // Ending at once spares what Node would tidy up. Nothing is lost, since all output has been written by then.
  program.run(process.argv.slice(2)).then((code) => process.exit(code), fail);
}
