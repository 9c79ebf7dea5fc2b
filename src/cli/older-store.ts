import type { CredctlError } from '../domain/errors.js';
import type { Migrated } from '../domain/ports/migration-port.js';
import type { ReadingOptions } from './host/host.js';
import { attestedLines } from './render/attested.js';

/** What a command tells of a store of an older schema that it has met. */
export type OlderStoreNotes = Required<Pick<ReadingOptions, 'onMigrated' | 'onLeftOlder'>>;

/** @param note writes one line */
export function olderStoreNotes(note: (text: string) => void): OlderStoreNotes {
  return {
    onMigrated: (migrated) => migratedLines(migrated).forEach(note),
    onLeftOlder: ({ message }) => note(`note: this command works on a copy in memory: ${message}`),
  };
}

/** For what cannot work on a copy in memory. */
export function refuseOlder(why: CredctlError): never {
  throw why;
}

/** Describes a migration that was carried out. */
export function migratedLines({ from, to, backup, attested }: Migrated): readonly string[] {
  return [
    `migrated the store from schema ${from} to ${to}`,
    ...(backup === null ? [] : [`the store before the migration is kept as ${backup}`]),
    ...(attested === null ? [] : attestedLines(attested)),
  ];
}
