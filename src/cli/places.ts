import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { CredctlError, usageError } from '../domain/errors.js';
import { hasPassword } from '../domain/url-password.js';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What names the store: the flag, the variable `CREDCTL_STORE`, or the configuration file; null for the default.
 *
 * @throws CredctlError `usage` when a database password stands on the command line
 */
export async function storeUrl(
  flag: string | undefined,
  env: Environment,
  configured: () => Promise<string | undefined>,
): Promise<string | null> {
  if (flag !== undefined) refusePassword(flag);
  return flag ?? (env['CREDCTL_STORE'] || undefined) ?? expandHome(await configured(), env) ?? null;
}

/** The default store's path: `$XDG_DATA_HOME/credctl/credctl.db`. */
export function defaultStorePath(env: Environment): string {
  return join(dataHome(env), 'credctl', 'credctl.db');
}

/** The configuration file's path: `$XDG_CONFIG_HOME/credctl/config.toml`. */
export function configPath(env: Environment): string {
  return join(configHome(env), 'credctl', 'config.toml');
}

/** A path as the user gave it, made absolute. */
export function absolutePath(path: string): string {
  return isAbsolute(path) ? path : resolve(workingDirectory(), path);
}

/** @throws CredctlError `store_unavailable` when the directory was removed under the shell */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new CredctlError('store_unavailable', 'the working directory does not exist any more', {
      hint: 'change to another directory, or give absolute paths',
      cause,
    });
  }
}

/** @throws CredctlError `usage` for a URL with a password, which stands where other users can read it */
export function refusePassword(url: string): void {
  if (!hasPassword(url)) return;
  throw usageError(
    'a database password does not belong on the command line',
    'other users can read it there; use PGPASSWORD, ~/.pgpass or the configuration file',
  );
}

/** No shell expands what the configuration file says. */
function expandHome(url: string | undefined, env: Environment): string | undefined {
  return url?.replace(
    /^(sqlite:)?~\//,
    (_, scheme: string | undefined) => `${scheme ?? ''}${env['HOME'] || homedir()}/`,
  );
}

function configHome(env: Environment): string {
  if (process.platform === 'win32' && env['APPDATA']) return env['APPDATA'];
  return absolute(env['XDG_CONFIG_HOME']) ?? join(env['HOME'] || homedir(), '.config');
}

function dataHome(env: Environment): string {
  const given = absolute(env['XDG_DATA_HOME']);
  if (given !== null) return given;
  if (process.platform === 'win32' && env['APPDATA']) return env['APPDATA'];
  return join(env['HOME'] || homedir(), '.local', 'share');
}

/** The XDG specification has relative paths ignored. */
function absolute(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null;
}
