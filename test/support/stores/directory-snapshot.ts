import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What a directory and everything in it look like: owner, mode, and a digest of the content, by path. */
export function snapshot(directory: string): Readonly<Record<string, string>> {
  const names = ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })];
  return Object.fromEntries(names.map((name) => [name, describe(join(directory, name))]));
}

function describe(path: string): string {
  const stats = lstatSync(path);
  const facts = `${stats.uid} ${stats.mode.toString(8)}`;
  if (stats.isSymbolicLink()) return `${facts} -> ${readlinkSync(path)}`;
  if (!stats.isFile()) return facts;
  return `${facts} ${stats.size} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}
