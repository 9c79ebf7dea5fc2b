import { type CredctlError, usageError } from '../errors.js';
import { isUndecodable, undecodable } from './utf8.js';

/** What a reference to a store names: a database of PostgreSQL by its URL, or a file by its path. */
export type StoreReference =
  | { readonly kind: 'database'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Reads a reference to a store: `postgres://…` or `postgresql://…`, `sqlite:PATH`, or a path. White space around it
 * does not count. What is no URL of ours has to look like a path: it begins as one (`/`, `./`, `../`, a drive), or it
 * has no other characters than names of files usually have. Everything else is refused: databases have too many
 * spellings to know them all, and one taken for a path would become a file with a password in its name.
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
  // Nearly every path is of these characters, and the expressions below take a while to compile.
  if (/^[\w./-]+$/.test(path)) return { kind: 'file', path };
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
  if (!PLAIN_NAME.test(path) && !BEGINS_AS_PATH.test(path)) {
    throw usageError(
      `${noun} is neither a plain path nor a database as credctl names it`,
      'a database is postgres://USER@HOST/DATABASE; a file whose path has other characters than letters, digits and . _ - + ~ is written ./NAME',
    );
  }
  if (holdsDatabase(path)) {
    throw usageError(
      `${noun} is a path with a database in it`,
      'a database is postgres://USER@HOST/DATABASE, and has no directory before it',
    );
  }
  return { kind: 'file', path };
}

/** Whether a path has the URL of a database or a password in it, also where it was resolved against a directory. */
export function holdsDatabase(path: string): boolean {
  const plain = path.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  return DATABASE.test(percentDecoded(percentDecoded(plain)));
}

function namesNothing(noun: string): CredctlError {
  return usageError(`${noun} names no store`, 'name a file, or a database: postgres://USER@HOST/DATABASE');
}

/** White space within, or a scheme with one slash, make it another spelling of a URL than ours. */
const DATABASE_URL = /^postgres(?:ql)?:\/\/\S*$/i;

/** What a shell would have replaced: as a path it is a directory of that very name. */
const UNEXPANDED = /^(?:~[^\\/]*|\$\{?\w+\}?|%\w+%)(?:[\\/]|$)/;

/** No delimiters of any other spelling (`:` `@` `=` `;` blanks), and no character that looks like one. */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N}._~+\\/-]+$/u;

/** As scp and git tell a path from `HOST:PATH`. After two slashes a host would follow. */
const BEGINS_AS_PATH = /^(?:\.{1,2}[\\/]|\/(?!\/[^/])|\\|[a-z]:[\\/])/i;

/** `SCHEME:/` (RFC 3986 §3.1; one letter is a drive), `USER:PASSWORD@`, and the assignment of a password. */
const DATABASE = /:\/\/|[\w+.-]{2}:[\\/]|:[^\\/]*@|(?:password|passwd|pwd|\b(?:pass|secret|dbname))\s*=/i;

function isQuoted(text: string): boolean {
  const quote = /["'`´„‚\p{Pi}\p{Pf}]/u;
  return quote.test(text.slice(0, 1)) || quote.test(text.slice(-1));
}

/** With the printable characters of ASCII that were written as `%XX` (RFC 3986 §2.1). */
export function percentDecoded(text: string): string {
  return text.replaceAll(/%([2-7][0-9a-f])/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
