'use strict';

const { dirname, resolve } = require('node:path');

/** What is told where the program itself cannot run, or did not turn a fault into an exit code. */

exports.tellTooOld = () =>
  end(`Node.js 20.17 or newer is needed, this is ${process.versions.node}`, 'update Node.js');

exports.tellUnbuilt = () => end('the program has not been built', "run 'npm run build' in its directory");

exports.tellUnreadable = (file) =>
  end(
    `the program's own file cannot be read: ${resolve(file)}`,
    `as its owner, run: chmod -R a+rX '${dirname(__dirname)}'`,
  );

exports.tellFault = (fault) => {
  if (process.env.CREDCTL_DEBUG === '1')
    process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
  end(
    'something went wrong that should not have',
    'run it again with CREDCTL_DEBUG=1 and report what it prints',
  );
};

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
