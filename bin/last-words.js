'use strict';

const { accessSync, constants } = require('node:fs');
const { dirname, join } = require('node:path');

/** What is told where the program itself cannot run, or did not turn a fault into an exit code. */

exports.tellTooOld = () =>
  end(
    `Node.js 20.19, 22.12 or newer is needed, this is ${process.versions.node}`,
    'install a release of Node.js that is maintained',
  );

/** @param {unknown} fault @param {string} program the directory that the program is in */
exports.tellFault = (fault, program) => {
  const unreadable = unreadableFile(fault, program);
  if (unreadable !== null) {
    return end(
      `the program's own file cannot be read: ${unreadable}`,
      `as its owner, run: chmod -R a+rX '${dirname(program)}'`,
    );
  }
  if (fault?.code === 'MODULE_NOT_FOUND' && !canRead(join(program, 'entry.cjs'))) {
    return end('the program has not been built', "run 'npm run build' in its directory");
  }
  if (process.env.CREDCTL_DEBUG === '1')
    process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
  end(
    'something went wrong that should not have',
    'run it again with CREDCTL_DEBUG=1 and report what it prints',
  );
};

/** The file of ours that this user may not read. Of a directory that may not be searched, Node says that it is empty. */
function unreadableFile(fault, program) {
  const entry = join(program, 'entry.cjs');
  if (fault?.code === 'EACCES' && fault.path?.startsWith(program)) return fault.path;
  return fault?.code === 'MODULE_NOT_FOUND' && canRead(entry) === null ? entry : null;
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
