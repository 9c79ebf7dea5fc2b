import { type CredctlError, usageError } from '../errors.js';
import { isUndecodable, undecodable } from './utf8.js';

/** A parsed store reference: a PostgreSQL URL or a file path. */
export type StoreReference =
  | { readonly kind: 'database'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Parses a store reference: `postgres://…` or `postgresql://…`, `sqlite:PATH`, or a path; surrounding white
 * space is ignored. Paths are allow-listed: they begin as one (`/`, `./`, `../`, a drive), or contain only
 * characters usual in file names. Everything else is refused, as database URLs have many spellings, and one
 * taken for a path would create a file with a password in its name.
 *
 * @param noun what messages call the reference, such as `CREDCTL_STORE`
 * @throws CredctlError `usage`; the message never repeats the reference, which may contain a password
 */
export function parseStoreReference(text: string, noun: string): StoreReference {
  const reference = text.trim();
  if (reference === '' || reference.includes('\0')) throw namesNothing(noun);
  if (isUndecodable(reference)) throw undecodable(noun);
  if (DATABASE_URL.test(reference) && !isQuoted(reference)) return { kind: 'database', url: reference };
  // Two slashes would start a host; three make an absolute path.
  const path = reference.replace(/^sqlite:(?!\/\/[^/])/i, '');
  // Fast path for common characters: the expressions below are slow to compile.
  if (/^[\w./-]+$/.test(path)) return { kind: 'file', path };
  if (path === '') throw namesNothing(noun);
  if (path === ':memory:')
    throw usageError('a store is a file on the disk', 'name a file, such as ./credctl.db');
  if (isQuoted(path)) {
    throw usageError(
      `${noun} begins or ends with a quotation mark`,
      'leave the quotation marks out: they are not part of the path or URL',
    );
  }
  if (UNEXPANDED.test(path)) {
    throw usageError(
      `${noun} begins with ~ or a variable that the shell did not expand`,
      'write the whole path, or --store ~/FILE; a shell does not expand --store=~/FILE or text in quotation marks',
    );
  }
  if (!PLAIN_NAME.test(path) && !BEGINS_AS_PATH.test(path)) {
    throw usageError(
      `${noun} is neither a path nor the URL of a database`,
      'write a database as postgres://USER@HOST/DATABASE; write a file name with special characters as ./NAME',
    );
  }
  if (holdsDatabase(path)) {
    throw usageError(
      `${noun} has a directory before the URL of a database`,
      'write only the URL: postgres://USER@HOST/DATABASE',
    );
  }
  return { kind: 'file', path };
}

/** Whether a path contains a database URL or a password, also after it was resolved against a directory. */
export function holdsDatabase(path: string): boolean {
  const plain = path.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  return DATABASE.test(percentDecoded(percentDecoded(plain)));
}

function namesNothing(noun: string): CredctlError {
  return usageError(
    `${noun} does not name a store`,
    'name a file, or a database: postgres://USER@HOST/DATABASE',
  );
}

/** White space, or a scheme with one slash, is a different spelling and is refused. */
const DATABASE_URL = /^postgres(?:ql)?:\/\/\S*$/i;

/** An unexpanded shell expression, which would name a directory literally. */
const UNEXPANDED = /^(?:~[^\\/]*|\$\{?\w+\}?|%\w+%)(?:[\\/]|$)/;

/** No delimiters of another spelling (`:` `@` `=` `;` blanks), and no look-alikes of them. */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N}._~+\\/-]+$/u;

/** Distinguishes a path from `HOST:PATH`, as scp and git do. Two slashes would start a host. */
const BEGINS_AS_PATH = /^(?:\.{1,2}[\\/]|\/(?!\/[^/])|\\|[a-z]:[\\/])/i;

/** `SCHEME:/` (RFC 3986 §3.1; one letter is a drive), `USER:PASSWORD@`, and the assignment of a password. */
const DATABASE = /:\/\/|[\w+.-]{2}:[\\/]|:[^\\/]*@|(?:password|passwd|pwd|\b(?:pass|secret|dbname))\s*=/i;

function isQuoted(text: string): boolean {
  const quote = /["'`´„‚\p{Pi}\p{Pf}]/u;
  return quote.test(text.slice(0, 1)) || quote.test(text.slice(-1));
}

/** Decodes the printable ASCII characters among `%XX` escapes (RFC 3986 §2.1). */
export function percentDecoded(text: string): string {
  return text.replaceAll(/%([2-7][0-9a-f])/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
