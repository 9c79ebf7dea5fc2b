import { type Stats, statSync } from 'node:fs';
import { CredctlError } from '../../domain/errors.js';
import type { ScanReport, ScanScope } from '../../domain/ports/scan-port.js';
import { BlockScanner, type Located } from '../../domain/scan/block-scanner.js';
import type { ByteSearch } from '../../domain/scan/needle.js';
import { SecretSearch } from '../../domain/scan/sightings.js';
import { quote } from '../../domain/text/quote.js';
import { errno } from '../../files/errno.js';
import { errnoText } from './errno-text.js';

/** Node's search: several GB a second for a needle. */
export const byteSearch: ByteSearch = (bytes, needle, from) =>
  Buffer.prototype.indexOf.call(bytes, needle, from);

/** Makes a scanner for each text. */
export function scannerOf({ prefixes }: Pick<ScanScope, 'prefixes'>): () => BlockScanner {
  const secrets = new SecretSearch(prefixes, byteSearch);
  return () => new BlockScanner(secrets, byteSearch);
}

/** Tells what was found in a file that is no part of a history. */
export function tellFound(report: ScanReport, path: string, found: readonly Located[]): void {
  for (const { secret, line, column, encoding } of found) {
    report.found(secret, { path, line, column, encoding, commit: null, atHead: null });
  }
}

/**
 * What a path leads to that was named.
 *
 * @throws CredctlError `not_found`
 */
export function namedPath(path: string): Stats {
  try {
    return statSync(path);
  } catch (fault) {
    const code = errno(fault);
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    const message = isMissing
      ? `there is no file or directory ${quote(path)}`
      : `cannot look at ${quote(path)}: ${errnoText(fault)}`;
    throw new CredctlError('not_found', message, { hint: 'check the path' });
  }
}

/**
 * Replaces secrets in a text by their handles, in whatever encoding: the name of a file may be one.
 *
 * @param prefixes of the stores
 */
export function secretMask(prefixes: readonly string[]): (text: string) => string {
  const secrets = new SecretSearch(prefixes, byteSearch);
  return (text) => {
    const bytes = Buffer.from(text);
    const found = secrets.in(bytes);
    if (found.length === 0) return text;
    let masked = '';
    let at = 0;
    for (const { secret, start, end } of found) {
      masked += `${bytes.toString('utf8', at, start)}${secret.handle}…`;
      at = end;
    }
    return masked + bytes.toString('utf8', at);
  };
}
