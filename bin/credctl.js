#!/usr/bin/env node
'use strict';

const { join } = require('node:path');

const PROGRAM = join(__dirname, '..', 'dist');

const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || major === 21 || (major === 20 && minor < 19) || (major === 22 && minor < 12)) {
  require('./last-words.js').tellTooOld();
} else start();

function start() {
  process.on('exit', releaseTerminals);
  process.on('SIGHUP', endAtHangUp);
  const fail = (fault) => require('./last-words.js').tellFault(fault, PROGRAM);
  process.on('uncaughtException', fail);
  require('./compile-cache.js').keepCompiledCode(PROGRAM);
  try {
    const { run } = require('../dist/entry.cjs');
    // Ending at once spares what Node would tidy up. Nothing is lost, since all output has been written by then.
    const brokenProgram = (fault) => require('./last-words.js').brokenProgram(fault, PROGRAM);
    run(process.argv.slice(2), brokenProgram).then((code) => process.exit(code), fail);
  } catch (fault) {
    fail(fault);
  }
}

/**
 * At its end Node gives terminals the mode back that they had at its start: from the background too, under whatever is
 * in the foreground; and it aborts where one has been closed. Each descriptor stays taken, since threads still run.
 */
function releaseTerminals() {
  if (process.platform === 'win32') return;
  const { closeSync, fstatSync, openSync } = require('node:fs');
  for (const descriptor of [0, 1, 2]) {
    try {
      if (!fstatSync(descriptor).isCharacterDevice()) continue;
      closeSync(descriptor);
      openSync('/dev/null', 'r+');
    } catch {
      // EBADF: it was closed before.
    }
  }
}

/** SIGHUP is sent on as SIGTERM, so that the default is status 143, not 129; not where another listener handles it. */
function endAtHangUp() {
  if (process.listenerCount('SIGHUP') > 1) return;
  if (process.listenerCount('SIGTERM') === 0) releaseTerminals();
  process.kill(process.pid, 'SIGTERM');
}
