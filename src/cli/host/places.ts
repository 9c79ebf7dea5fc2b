import { isAbsolute, join, resolve } from 'node:path';
import { CredctlError, usageError } from '../../domain/errors.js';
import { quote } from '../../domain/text/quote.js';
import { holdsDatabase, parseStoreReference } from '../../domain/text/store-reference.js';
import { hasPassword } from '../../domain/text/url-password.js';
import { isUndecodable, undecodable } from '../../domain/text/utf8.js';

/** What determines default paths. */
export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory; null where there is none. */
  readonly home: string | null;
}

/** A named store, and what named it, for messages. */
export interface NamedStore {
  readonly reference: string;
  readonly noun: string;
}

/**
 * The store named by the flag, by `CREDCTL_STORE` or by the configuration file; null for the default.
 *
 * @throws CredctlError `usage` for a database password on the command line
 */
export async function namedStore(
  flag: string | undefined,
  environment: Environment,
  configured: () => Promise<string | undefined>,
): Promise<NamedStore | null> {
  if (flag !== undefined) {
    refusePassword(flag, '--store');
    return { reference: flag, noun: '--store' };
  }
  const variable = environment.env['CREDCTL_STORE'];
  if (variable) return { reference: variable, noun: 'CREDCTL_STORE' };
  const entry = await configured();
  if (entry === undefined) return null;
  return { reference: expandHome(entry, environment.home), noun: 'the store of the configuration file' };
}

/**
 * Path of the default store: `$XDG_DATA_HOME/credctl/credctl.db`.
 *
 * @throws CredctlError `store_unavailable` without a home directory
 */
export function defaultStorePath({ env, home }: Environment): string {
  const base = baseDirectory(env, 'XDG_DATA_HOME') ?? join(home ?? noHome(), '.local', 'share');
  return decoded(join(base, 'credctl', 'credctl.db'), 'the path of the default store');
}

/** Path of the configuration file: `$XDG_CONFIG_HOME/credctl/config.toml`; null without a home directory. */
export function configPath({ env, home }: Environment): string | null {
  const base = baseDirectory(env, 'XDG_CONFIG_HOME') ?? (home && join(home, '.config'));
  return base && decoded(join(base, 'credctl', 'config.toml'), 'the path of the configuration file');
}

/**
 * Makes a path absolute.
 *
 * @throws CredctlError `usage` for one that is not valid UTF-8
 */
export function absolutePath(path: string, workingDirectory: () => string): string {
  decoded(path, `the path ${quote(path)}`);
  return isAbsolute(path)
    ? path
    : resolve(decoded(workingDirectory(), 'the path of the working directory'), path);
}

/**
 * Refuses a database URL where a file path is expected.
 *
 * @throws CredctlError `usage`
 */
export function refuseDatabase(path: string, noun: string): void {
  if (!holdsDatabase(path)) return;
  throw usageError(
    `${noun} must be a file, and a database is given`,
    'name a file, such as ./credctl-backup.db; --store names the store',
  );
}

/**
 * Refuses a database password on the command line, which other users can read.
 *
 * @throws CredctlError `usage`
 */
export function refusePassword(reference: string, flag: string): void {
  const named = parseStoreReference(reference, flag);
  if (named.kind === 'file' || !hasPassword(named.url)) return;
  throw usageError(
    'the command line contains a database password',
    'other users can read the command line; use PGPASSWORD, ~/.pgpass or the configuration file',
  );
}

/** The error for a default store that does not exist, where one is needed. */
export function noDefaultStore(location: string): CredctlError {
  return new CredctlError('store_unavailable', `there is no store at ${location}`, {
    hint: "check HOME and XDG_DATA_HOME, name the store with --store, or create one with 'credctl store init'",
  });
}

/** Expands `~/`, which no shell does in the configuration file. */
function expandHome(reference: string, home: string | null): string {
  return reference.replace(
    /^\s*(sqlite:)?~\//i,
    (_, scheme: string | undefined) => `${scheme ?? ''}${home ?? noHome()}/`,
  );
}

function noHome(): never {
  throw new CredctlError('store_unavailable', 'the home directory is not known', {
    hint: 'set HOME, or name the store with --store or CREDCTL_STORE',
  });
}

/** The XDG specification requires relative paths to be ignored. */
function baseDirectory(env: Environment['env'], name: string): string | null {
  const path = env[name];
  if (path !== undefined && isAbsolute(path)) return path;
  return (process.platform === 'win32' && env['APPDATA']) || null;
}

function decoded(path: string, noun: string): string {
  if (isUndecodable(path)) throw undecodable(noun);
  return path;
}
