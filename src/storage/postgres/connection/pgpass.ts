import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isUndecodable, undecodable } from '../../../domain/text/utf8.js';
import { effectiveUser, homeDirectory } from '../../../files/account.js';

/** The login that an entry of a password file is matched with. */
interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The password in PGPASSWORD, or the one that the password file has for this login; undefined when there is
 * neither.
 *
 * @throws CredctlError `usage` for a password or a path that is not valid UTF-8
 */
export function passwordFor(login: Login, env: Environment): string | undefined {
  const file = passwordFile(env);
  if (file !== null && isUndecodable(file)) throw undecodable('the path of the file of passwords');
  const password = env['PGPASSWORD'] || (file === null ? undefined : passwordInFile(file, login));
  if (password !== undefined && isUndecodable(password)) throw undecodable('the password of the database');
  return password;
}

/** `$PGPASSFILE`, `~/.pgpass`, or its place on Windows (PostgreSQL documentation, §34.16); null without a home. */
function passwordFile(env: Environment): string | null {
  if (env['PGPASSFILE']) return env['PGPASSFILE'];
  if (process.platform === 'win32') return join(env['APPDATA'] ?? '.', 'postgresql', 'pgpass.conf');
  const home = homeDirectory(env);
  return home && join(home, '.pgpass');
}

/**
 * As in libpq, a file with permissions for group or others is ignored, and so is one of another user (root
 * excepted). `fstat` on the open file avoids a TOCTOU race.
 */
function passwordInFile(path: string, login: Login): string | undefined {
  const text = ownText(path);
  if (text === null) return undefined;
  const host = login.host.startsWith('/') ? 'localhost' : login.host;
  const wanted = [host, String(login.port), login.database, login.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    const matches = wanted.every((value, index) => fields[index] === '*' || fields[index] === value);
    if (matches && fields.length >= 5) return fields[4];
  }
  return undefined;
}

function ownText(path: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode, uid } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return null;
    const isOwn =
      process.platform === 'win32' || ((mode & 0o077) === 0 && [0, effectiveUser()].includes(uid));
    return isOwn ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** Splits at colons; a backslash escapes a colon and itself. */
function fieldsOf(line: string): readonly string[] {
  return line.split(/(?<=(?:^|[^\\])(?:\\\\)*):/).map((field) => field.replaceAll(/\\(.)/g, '$1'));
}
