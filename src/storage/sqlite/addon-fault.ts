import { CredctlError } from '../../domain/errors.js';
import { permissionHint } from '../../files/shared-object.js';
import { NotInstalled } from './driver/better-sqlite3.js';

/**
 * Messages of an addon that is missing, or was compiled for another release of Node.js with a different ABI
 * (NODE_MODULE_VERSION).
 */
const NOT_BUILT = /^Cannot find module|^Could not locate the bindings|NODE_MODULE_VERSION|self-register/i;

/** The remedy. pnpm and yarn keep a package that they did not build, npm as well with --ignore-scripts. */
const REBUILD =
  'use Node.js 22.16 or newer, or run: npm rebuild better-sqlite3 (npm rebuild -g better-sqlite3 where credctl is installed globally; with pnpm: pnpm approve-builds, then pnpm rebuild better-sqlite3; globally: pnpm approve-builds -g)';

/**
 * The remedy where there is nothing to rebuild, since npm leaves out an optional dependency that it could not build.
 * Without the version, it would install one for newer releases of Node.js.
 */
const INSTALL =
  'use Node.js 22.16 or newer, or run: npm install better-sqlite3@12 (npm install -g better-sqlite3@12 where credctl is installed globally; in a clone: npm ci --foreground-scripts)';

/**
 * The error to report where better-sqlite3 is not installed, or could not load its addon.
 *
 * @param cause what loading it threw
 */
export function addonFault(cause: unknown): CredctlError {
  const runtime = otherRuntime();
  if (runtime !== null) {
    return unavailable(
      `a store in a file needs Node.js: ${runtime} cannot load the SQLite addon`,
      "use a store in PostgreSQL, or the HTTP server 'credctl serve'",
      cause,
    );
  }
  if (cause instanceof NotInstalled) {
    return unavailable(
      `better-sqlite3 is not installed, and Node.js ${process.version} has no SQLite in its place`,
      INSTALL,
      cause,
    );
  }
  const said = cause instanceof Error ? cause.message : String(cause);
  if (NOT_BUILT.test(said)) {
    return unavailable(`SQLite's addon was not built for this Node.js (${process.version})`, REBUILD, cause);
  }
  const [detail = ''] = said.split('\n');
  return unavailable(
    `SQLite's addon cannot be loaded: ${detail.slice(0, 300)}`,
    permissionHint(said) ?? REBUILD,
    cause,
  );
}

/** The JavaScript runtime, where it is not Node.js. */
export function otherRuntime(): string | null {
  if ('bun' in process.versions) return 'Bun';
  return 'deno' in process.versions ? 'Deno' : null;
}

function unavailable(message: string, hint: string, cause: unknown): CredctlError {
  return new CredctlError('store_unavailable', message, { hint, cause });
}
