import { type Stats, statSync } from 'node:fs';
import { CredctlError } from '../../domain/errors.js';
import type { ScanReport, ScanScope } from '../../domain/ports/scan-port.js';
import { BlockScanner, type Located } from '../../domain/scan/block-scanner.js';
import type { ByteSearch } from '../../domain/scan/needle.js';
import { SecretSearch } from '../../domain/scan/sightings.js';
import { quote } from '../../domain/text/quote.js';

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
  const status = statSync(path, { throwIfNoEntry: false });
  if (status !== undefined) return status;
  throw new CredctlError('not_found', `there is no file or directory ${quote(path)}`, {
    hint: 'check the path',
  });
}
