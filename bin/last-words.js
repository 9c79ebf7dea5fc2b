'use strict';

const { accessSync, constants, readdirSync, statSync } = require('node:fs');
const { dirname, isAbsolute, join, resolve, sep } = require('node:path');

const REINSTALL = "install the program again; in a clone, run 'npm run build'";

/** What is told where the program itself cannot run, or did not turn a fault into an exit code. */

exports.tellTooOld = () =>
  end(
    `Node.js 20.19, 22.12 or newer is needed, this is ${process.versions.node}`,
    'install a release of Node.js that is maintained',
  );

/** @param {unknown} fault @param {string} program the directory that the program is in */
exports.tellFault = (fault, program) => {
  if (fault?.code === 'MODULE_NOT_FOUND' && canRead(join(program, 'entry.cjs')) === false) {
    return end('the program has not been built', "run 'npm run build' in its directory");
  }
  const broken = exports.brokenProgram(fault, program);
  if (broken !== null) return end(broken.message, broken.hint);
  if (process.env.CREDCTL_DEBUG === '1')
    process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
  end(
    'something went wrong that should not have',
    'run it again with CREDCTL_DEBUG=1 and report what it prints',
  );
};

/**
 * What to tell of a fault that a file of the program has caused, by itself or as the cause of another fault; null for
 * any other.
 *
 * @param {unknown} fault @param {string} program the directory that the program is in
 * @returns {{ message: string, hint: string } | null}
 */
exports.brokenProgram = (fault, program) => {
  for (let each = fault; each instanceof Error; each = each.cause) {
    const path = brokenFile(each, program);
    if (path !== null) {
      const message = `the program's own file cannot be read: ${path}`;
      if (canRead(path) !== null) return { message, hint: REINSTALL };
      return { message, hint: `as its owner, run: chmod -R a+rX ${shellWord(dirname(program))}` };
    }
  }
  return null;
};

/**
 * The file of ours that a fault is about: unreadable, removed, cut off, or emptied. Of a directory that may not be
 * searched, Node.js says that it is empty.
 */
function brokenFile(fault, program) {
  const isOurs = (file) => file?.startsWith(`${program}${sep}`);
  const { code, path, message, requireStack } = fault;
  if ((code === 'EACCES' || code === 'ENOENT') && isOurs(path)) return path;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    const [, name = ''] = /^Cannot find module '([^']+)'/.exec(message) ?? [];
    const file = resolve(dirname(requireStack?.[0] ?? program), name);
    return (name.startsWith('.') || isAbsolute(name)) && isOurs(file) ? file : null;
  }
  if (fault instanceof SyntaxError) {
    // The stack begins with a place only where V8 could not compile a file.
    const [, file] = /^(?:file:\/\/)?(\/.+):\d+\n/.exec(fault.stack) ?? [];
    return isOurs(file) ? file : null;
  }
  return fault instanceof TypeError ? emptyFile(program) : null;
}

/** An empty file is a module that exports nothing. */
function emptyFile(program) {
  try {
    const files = readdirSync(program).map((name) => join(program, name));
    return files.find((file) => /\.[cm]js$/.test(file) && statSync(file).size === 0) ?? null;
  } catch {
    return null;
  }
}

/** A path in single quotes, for a POSIX shell. */
function shellWord(path) {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

/** Null where the file may be there, but not be read. */
function canRead(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch ({ code }) {
    return code === 'EACCES' ? null : false;
  }
}

function end(message, hint) {
  const error = { code: 'unexpected', message, hint };
  const text = process.argv.includes('--json')
    ? JSON.stringify({ schema_version: 1, error })
    : `credctl: ${message}\nhint: ${hint}`;
  process.exitCode = 1;
  // A terminal that has been closed cannot be written to.
  process.stderr.on('error', () => process.exit());
  process.stderr.write(`${text}\n`, () => process.exit());
}
