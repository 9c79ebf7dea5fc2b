import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CredctlError, usageError } from '../../../domain/errors.js';
import { homeDirectory } from '../../../files/account.js';
import { errno } from '../../../files/errno.js';
import { knownParameter, type Parameter } from './url-text.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the packages of distributions have the file of the whole machine, unless PGSYSCONFDIR says otherwise. */
const SYSTEM_DIRECTORIES = ['/etc/postgresql-common', '/etc/sysconfig/pgsql', '/etc'];

const NO_PARAMETERS: ReadonlyMap<Parameter, string> = new Map();

/**
 * The parameters of a service (PostgreSQL documentation, §34.17): those of `$PGSERVICEFILE` or `~/.pg_service.conf`,
 * else those of the machine's file. None without a name.
 *
 * @param named the service's name, from the URL or PGSERVICE
 * @throws CredctlError `usage` where no file has the service, or one has a line or a parameter that is not
 *   understood; `store_unavailable` for a file that cannot be read
 */
export function serviceParameters(
  named: string | undefined,
  env: Environment,
): ReadonlyMap<Parameter, string> {
  if (!named) return NO_PARAMETERS;
  for (const path of serviceFiles(env)) {
    const found = serviceIn(textOf(path), named);
    if (found !== null) return found;
  }
  throw usageError(
    'the service of the database is in no service file',
    'check PGSERVICE or the service of the URL, and [NAME] in the file that PGSERVICEFILE names or in ~/.pg_service.conf',
  );
}

function serviceFiles(env: Environment): readonly string[] {
  const own = env['PGSERVICEFILE'] || ownFile(env);
  const directories = env['PGSYSCONFDIR'] ? [env['PGSYSCONFDIR']] : SYSTEM_DIRECTORIES;
  const system = directories.map((directory) => join(directory, 'pg_service.conf'));
  return own === null ? system : [own, ...system];
}

function ownFile(env: Environment): string | null {
  if (process.platform === 'win32') return join(env['APPDATA'] ?? '.', 'postgresql', '.pg_service.conf');
  const home = homeDirectory(env);
  return home && join(home, '.pg_service.conf');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = errno(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new CredctlError('store_unavailable', `cannot read the service file of the database (${code})`, {
      hint: 'check PGSERVICEFILE, and the mode of the file',
      cause,
    });
  }
}

/** The section of a name; null without one. As in libpq, the first one counts, and the first of each parameter. */
function serviceIn(text: string, named: string): ReadonlyMap<Parameter, string> | null {
  let found: Map<Parameter, string> | null = null;
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      if (found !== null) return found;
      if (line === `[${named}]`) found = new Map();
    } else if (found !== null) {
      const [, name, value] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
      if (name === undefined || value === undefined || name === 'service') throw unreadable();
      const parameter = knownParameter(name, 'the service of the database');
      if (!found.has(parameter)) found.set(parameter, value);
    }
  }
  return found;
}

/** The line is not repeated: it may hold a password. */
function unreadable(): CredctlError {
  return usageError(
    'the service of the database has an unknown line',
    'write PARAMETER=VALUE on each line, without spaces around =; LDAP and references to other services do not work',
  );
}
