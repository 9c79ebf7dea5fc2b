import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parseDuration } from '../domain/duration.js';
import { CredctlError, usageError } from '../domain/errors.js';
import type { Config } from '../domain/ports/ports.js';
import { isBcryptCost } from '../domain/secret/bcrypt-cost.js';
import { didYouMean, nearest } from '../domain/text/nearest.js';
import { quote, shellWord } from '../domain/text/quote.js';
import { parseStoreReference, percentDecoded } from '../domain/text/store-reference.js';
import { hasPassword } from '../domain/text/url-password.js';
import { undecodable } from '../domain/text/utf8.js';
import { effectiveUser } from '../files/account.js';
import { errno } from '../files/errno.js';

/**
 * Reads the configuration file; a missing file is empty.
 *
 * @param path null where there is no place for such a file
 * @throws CredctlError `usage` for a file that cannot be parsed, naming the key; `denied` for one that contains
 *   a database password and is readable by others, that is writable by others, or that belongs to another user
 */
export async function readConfig(path: string | null): Promise<Config> {
  const text = path === null ? null : readText(path);
  if (path === null || text === null) return {};
  const document = await parsed(path, text);
  for (const [key, value] of Object.entries(document)) {
    const entry = ENTRIES.get(key);
    if (entry === undefined || entry.takes(value)) continue;
    throw usageError(
      `the configuration file ${quote(path)} has an invalid value for ${quote(key)}`,
      entry.hint,
    );
  }
  const names = [...ENTRIES.keys()];
  const unknown = Object.keys(document).find((key) => !ENTRIES.has(key));
  if (unknown !== undefined) {
    throw usageError(
      `the configuration file ${quote(path)} has an unknown entry: ${quote(unknown)}`,
      didYouMean(nearest(unknown, names), names),
    );
  }
  const config = document as Config;
  if (config.store !== undefined) checkStore(path, config.store);
  return config;
}

async function parsed(path: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (fault) {
    const line = fault instanceof TomlError ? ` (line ${fault.line})` : '';
    throw usageError(
      `the configuration file ${quote(path)} is not valid TOML${line}`,
      'correct the file, or move it away',
    );
  }
}

interface Entry {
  readonly takes: (value: unknown) => boolean;
  /** The remedy for a wrong value. */
  readonly hint: string;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const TEXT = 'write a text in quotes';

/** Supported keys. */
const ENTRIES: ReadonlyMap<string, Entry> = new Map<keyof Config, Entry>([
  ['store', { takes: (value) => isText(value) && value !== '', hint: TEXT }],
  [
    'keychain_timeout',
    {
      takes: (value) => typeof value === 'string' && isDuration(value),
      hint: "write a duration in quotes, such as '3s'",
    },
  ],
  ['prefix', { takes: isText, hint: TEXT }],
  [
    'hash',
    {
      takes: (value) => value === 'bcrypt' || value === 'sha256',
      hint: "write 'bcrypt' or 'sha256', in quotes",
    },
  ],
  [
    'bcrypt_cost',
    {
      takes: (value) => typeof value === 'number' && isBcryptCost(value),
      hint: 'write a whole number from 4 to 16, without quotes',
    },
  ],
  ['catalog', { takes: isText, hint: TEXT }],
]);

/** Refuses relative paths, which would depend on the working directory. */
function checkStore(file: string, entry: string): void {
  const noun = `the store in the configuration file ${quote(file)}`;
  if (/^\s*(?:sqlite:)?~\//i.test(entry)) return;
  const named = parseStoreReference(entry, noun);
  if (named.kind === 'database') {
    if (hasPassword(named.url)) refuseReadable(file);
    for (const [, name, path = ''] of percentDecoded(named.url).matchAll(CERTIFICATE)) {
      const isFile = path !== '' && !(name === 'sslrootcert' && path === 'system');
      if (isFile && !isAbsolute(path)) throw relative(`${noun} has a ${name}`);
    }
  } else if (!isAbsolute(named.path)) {
    throw relative(`${noun} is a path`);
  }
}

/** Parameters of a database URL that name a file. */
const CERTIFICATE = /[?&](sslrootcert|sslcert|sslkey)=([^&]*)/g;

function relative(fact: string): CredctlError {
  return usageError(
    `${fact} that is not absolute`,
    'write the whole path, or begin it with ~/ for your home directory; no other shortcut is expanded',
  );
}

/** Windows protects a user's files by access control lists; the mode is meaningless there. */
function refuseReadable(path: string): void {
  if (process.platform === 'win32' || (statSync(path).mode & 0o077) === 0) return;
  throw new CredctlError(
    'denied',
    `other users can read ${quote(path)}, which contains a database password`,
    {
      hint: `chmod 600 ${shellWord(path)}`,
    },
  );
}

function isDuration(text: string): boolean {
  try {
    return parseDuration(text).ms > 0;
  } catch {
    return false;
  }
}

function readText(path: string): string | null {
  try {
    const bytes = readOwn(path);
    if (!isUtf8(bytes)) throw undecodable(`the configuration file ${quote(path)}`);
    return bytes.toString('utf8');
  } catch (fault) {
    if (fault instanceof CredctlError) throw fault;
    if (errno(fault) === 'ENOENT' || errno(fault) === 'ENOTDIR') return null;
    throw new CredctlError('usage', `cannot read the configuration file ${quote(path)}`, {
      hint: 'let your user read the file, or move it away',
      cause: fault,
    });
  }
}

/**
 * Reads the file if only its owner can write it, as it decides where secrets are stored. Checked on the open
 * descriptor (TOCTOU).
 */
function readOwn(path: string): Buffer {
  // Opening another user's FIFO would block without O_NONBLOCK.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    refuseForeign(path, fstatSync(file));
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function refuseForeign(path: string, { uid, mode }: Stats): void {
  if (process.platform === 'win32') return;
  const fact = `the configuration file ${quote(path)}`;
  if (uid !== 0 && uid !== effectiveUser()) {
    throw new CredctlError('denied', `${fact} belongs to another user (uid ${uid})`, {
      hint: `check what the file says, then make it yours: chown ${effectiveUser()} ${shellWord(path)}`,
    });
  }
  if ((mode & 0o022) === 0) return;
  throw new CredctlError('denied', `other users can write ${fact}`, {
    hint: `check what the file says, then run: chmod go-w ${shellWord(path)}`,
  });
}
