// @ts-check
/**
 * The built program, one command after the other in one process: a child process of {@link file://./resident.ts}, which
 * sends a message for each and gets the exit status. What a process has of its own is as new for each: environment,
 * working directory, mode mask and the three standard descriptors.
 */
'use strict';

const { closeSync, existsSync, openSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const MASK = process.umask();

/** Which memory the kernel puts into a core dump: core(5). Only Linux says. */
const DUMPED = '/proc/self/coredump_filter';
const FILTER = existsSync(DUMPED) ? readFileSync(DUMPED, 'utf8') : null;

const { run } = require(join(__dirname, '..', '..', '..', 'dist', 'entry.cjs'));

/**
 * @param {{ argv: string[], cwd: string, env: Record<string, string>, stdin: string, stdout: string, stderr: string }} command
 */
async function answer({ argv, cwd, env, stdin, stdout, stderr }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.umask(MASK);
  if (FILTER !== null) writeFileSync(DUMPED, `0x${FILTER}`);
  // The lowest descriptor that is free is the one that was closed.
  for (const [descriptor, path] of [stdin, stdout, stderr].entries()) {
    closeSync(descriptor);
    if (openSync(path, descriptor === 0 ? 'r' : 'a') !== descriptor)
      throw new Error('descriptors got mixed up');
  }
  const listened = listeners();
  try {
    return await run(argv);
  } finally {
    for (const [event, listener] of listeners().filter(
      ([, each]) => !listened.some(([, old]) => old === each),
    ))
      process.off(event, listener);
  }
}

/** What listens to signals and the like: a process that ends takes it along. */
function listeners() {
  return process
    .eventNames()
    .flatMap((event) =>
      process
        .listeners(/** @type {any} */ (event))
        .map((listener) => /** @type {const} */ ([event, listener])),
    );
}

process.on('message', (command) => {
  answer(/** @type {Parameters<typeof answer>[0]} */ (command)).then(
    (exitCode) => process.send?.({ exitCode }),
    (fault) => process.send?.({ fault: String(fault?.stack ?? fault) }),
  );
});
process.on('disconnect', () => process.exit());
