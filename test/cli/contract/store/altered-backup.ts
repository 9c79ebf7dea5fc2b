import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect } from 'vitest';

/** Changes a store, or a backup, by hand. */
export function tamper(file: string, sql: string): void {
  const database = new Database(file);
  database.pragma('foreign_keys = off');
  database.exec(sql);
  database.close();
}

/** Recomputes the digest of a changed backup: tampering with write access to the file. */
export function reseal(file: string): void {
  if (!existsSync(file) || lstatSync(file).isSymbolicLink()) return;
  const pages = pagesOf(file);
  const digest = createHash('sha256').update(pages).digest('hex');
  writeFileSync(file, Buffer.concat([pages, Buffer.from(`\ncredctl-backup sha256 ${digest}\n`)]));
}

/** What follows the pages gives way to further ones. */
export function lengthen(file: string): void {
  tamper(file, "update credential set description = printf('%20000s', 'x')");
}

/** A backup without what follows the pages that its header counts. */
export function pagesOf(file: string): Buffer {
  const bytes = readFileSync(file);
  return bytes.subarray(0, bytes.readUInt16BE(16) * bytes.readUInt32BE(28));
}

/** Makes the function of an index one that does not exist, as one bit on a failing disk would. */
export function spoilIndex(file: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf('coalesce(', bytes.indexOf('credential_by_expiry'));
  expect(at).toBeGreaterThan(0);
  bytes.write('coalgsce(', at);
  writeFileSync(file, bytes);
}
