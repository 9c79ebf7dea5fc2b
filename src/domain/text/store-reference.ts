import { type CredctlError, usageError } from '../errors.js';
import { isUndecodable, undecodable } from './utf8.js';

/** What a reference to a store names: a database of PostgreSQL by its URL, or a file by its path. */
export type StoreReference =
  | { readonly kind: 'database'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Reads a reference to a store: `postgres://…` or `postgresql://…`, `sqlite:PATH`, or a path. White space around it
 * does not count. Whatever else names a database somewhere (a URL in quotation marks or of another kind, a keyword
 * string, an assignment) is refused: taken for a path, it would become a file with a password in its name.
 *
 * @param noun what messages call the reference, such as `CREDCTL_STORE`
 * @throws CredctlError `usage`; the message never repeats the reference, which may hold a password
 */
export function parseStoreReference(text: string, noun: string): StoreReference {
  const reference = text.trim();
  if (reference === '' || reference.includes('\0')) throw namesNothing(noun);
  if (isUndecodable(reference)) throw undecodable(noun);
  if (DATABASE_URL.test(reference) && !isQuoted(reference)) return { kind: 'database', url: reference };
  // With two slashes a host would follow; with three, the path is absolute.
  const path = reference.replace(/^sqlite:(?!\/\/[^/])/i, '');
  if (path === '') throw namesNothing(noun);
  if (path === ':memory:')
    throw usageError('a store is a file on the disk', 'name a file, such as ./credctl.db');
  if (isQuoted(path)) {
    throw usageError(
      `${noun} begins or ends with a quotation mark`,
      'leave the quotation marks out: they are no part of a path, nor of a URL',
    );
  }
  if (UNEXPANDED.test(path)) {
    throw usageError(
      `${noun} begins with ~ or with a variable, which no shell has expanded`,
      'write the whole path; a shell expands --store ~/FILE, and neither --store=~/FILE nor what is in quotation marks',
    );
  }
  if (!namesDatabase(path)) return { kind: 'file', path };
  throw usageError(
    `${noun} is neither a path nor a database as credctl names it`,
    'a database is postgres://USER@HOST/DATABASE; a file whose name looks like another spelling of one is ./NAME',
  );
}

/** Whether text is not a path but some spelling of a database, ours or another. */
export function namesDatabase(text: string): boolean {
  // Nearly every path is of these characters, and the expressions below take a while to compile.
  if (/^[\w./-]+$/.test(text)) return false;
  return spellingsOf(text).some((spelling) => DATABASES.some((database) => database.test(spelling)));
}

function namesNothing(noun: string): CredctlError {
  return usageError(`${noun} names no store`, 'name a file, or a database: postgres://USER@HOST/DATABASE');
}

/** White space within, or a scheme with one slash, make it another spelling of a URL than ours. */
const DATABASE_URL = /^postgres(?:ql)?:\/\/\S*$/i;

/** What a shell would have replaced: as a path it is a directory of that very name. */
const UNEXPANDED = /^(?:~[^\\/]*|\$\{?\w+\}?|%\w+%)(?:[\\/]|$)/;

function isQuoted(text: string): boolean {
  const quote = /["'`´„‚\p{Pi}\p{Pf}]/u;
  return quote.test(text.slice(0, 1)) || quote.test(text.slice(-1));
}

/** The text as it stands, and what is left when compatible, invisible and percent-encoded characters are resolved. */
function spellingsOf(text: string): readonly string[] {
  const plain = text
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim();
  const decoded = percentDecoded(plain);
  return [text, plain, decoded, percentDecoded(decoded)];
}

/** With the printable characters of ASCII that were written as `%XX` (RFC 3986 §2.1). */
export function percentDecoded(text: string): string {
  return text.replaceAll(/%([2-7][0-9a-f])/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

const SCHEMES =
  'postgres|postgresql|pgsql|psql|pg|jdbc|odbc|mysql|mariadb|mongodb|redis|mssql|sqlserver|oracle|https?|file|sqlite';

const KEYWORDS =
  'host|hostaddr|port|dbname|user|username|user id|uid|password|passfile|service|sslmode|options|application_name|' +
  'server|database|initial catalog|data source|driver|dsn';

/** How databases are named elsewhere. What begins with a slash or a dot is a path, but for the last two. */
const DATABASES: readonly RegExp[] = [
  // The scheme of a URL, with or without slashes (RFC 3986 §3.1); one letter is a drive of Windows.
  /^[a-z][a-z0-9+.-]+:[\\/]/i,
  new RegExp(`^(?:${SCHEMES})(?:\\+[\\w.-]+)?:`, 'i'),
  // USER:PASSWORD@HOST, USER@HOST/DATABASE, HOST:PORT/DATABASE and [ADDRESS], with or without two slashes before it.
  /(?:^|\/\/)(?![a-z]:[\\/])[^\\/]*:.*@/i,
  /^(?:\/\/)?[^\\/]+@[^\\/]+[:\\/]/,
  /^(?:\/\/)?[^\\/:]+:\d+\//,
  /^(?:\/\/)?\[[\da-f.:]+\]/i,
  // KEY=VALUE (PostgreSQL documentation, §34.1.1), and the same with semicolons; a document of JSON.
  new RegExp(`^(?:${KEYWORDS})\\s*=|^[^\\\\/]*[\\s;](?:${KEYWORDS})\\s*=|^\\{`, 'i'),
  /^psql\s/i,
  // Anywhere: a URL, also below a directory that it was resolved against, and what holds a password.
  new RegExp(`://|[\\\\/](?:[a-z]+:)?(?:${SCHEMES})(?:\\+[\\w.-]+)?:[\\\\/]`, 'i'),
  /(?:password|passwd|pwd|\bdbname)\s*=/i,
];
