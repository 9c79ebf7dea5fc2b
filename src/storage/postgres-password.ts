import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What an entry of a password file is for. */
interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The password in PGPASSWORD, or the one that the password file has for this login; undefined when neither has. */
export function passwordFor(login: Login, env: Environment): string | undefined {
  return env['PGPASSWORD'] || passwordInFile(passwordFile(env), login);
}

/** `$PGPASSFILE`, `~/.pgpass`, or its place on Windows (PostgreSQL documentation, §34.16). */
function passwordFile(env: Environment): string {
  if (env['PGPASSFILE']) return env['PGPASSFILE'];
  return process.platform === 'win32'
    ? join(env['APPDATA'] ?? '.', 'postgresql', 'pgpass.conf')
    : join(env['HOME'] || homedir(), '.pgpass');
}

/** As for libpq, a file that others can read does not count. */
function passwordInFile(path: string, login: Login): string | undefined {
  let text: string;
  try {
    const stats = statSync(path);
    if (!stats.isFile() || (process.platform !== 'win32' && (stats.mode & 0o077) !== 0)) return undefined;
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
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

/** The parts between colons; a backslash takes the meaning from a colon and from itself. */
function fieldsOf(line: string): readonly string[] {
  return line.split(/(?<=(?:^|[^\\])(?:\\\\)*):/).map((field) => field.replaceAll(/\\(.)/g, '$1'));
}
