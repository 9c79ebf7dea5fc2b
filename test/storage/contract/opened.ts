import { onTestFinished } from 'vitest';
import type { Credential } from '../../../src/domain/credential/credential.js';
import type { Version } from '../../../src/domain/credential/version.js';
import type { NewCredential, NewStore, Store } from '../../../src/domain/ports/store-port.js';
import type { Engine, TestStore } from '../../support/stores/stores.js';
import { aNewCredential, aVersion } from '../fixtures.js';

/** A fresh store of the engine, which goes away with the test. */
export async function opened<Fresh extends TestStore>(
  engine: Engine<Fresh>,
  plan: Partial<NewStore> = {},
): Promise<Fresh> {
  const fresh = await engine.create(plan);
  onTestFinished(() => fresh.dispose());
  return fresh;
}

/** Stores a credential with its versions, the first one current unless told otherwise, and reads it back. */
export async function added(
  store: Store,
  change: Partial<NewCredential> = {},
  versions: readonly Partial<Version>[] = [{}],
): Promise<Credential> {
  const credential = aNewCredential(change);
  return store.write(async (tx) => {
    await tx.insertCredential(credential);
    for (const [index, version] of versions.entries()) {
      const complete = aVersion({ number: index + 1, credentialId: credential.id, ...version });
      await tx.insertVersion({ version: complete, hash: hashOf(complete.id) });
    }
    return existing(await tx.findCredential(credential.id));
  });
}

/** What the fixtures store as the hash of a version. */
export function hashOf(versionId: string): string {
  return `$sha256$${Buffer.from(versionId).toString('hex').padEnd(64, '0')}`;
}

/** The value, which the test knows to exist. */
export function existing<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new TypeError('the test expected it to exist');
  return value;
}

/** Counts every change that could alter a verdict. */
export async function generation(fresh: TestStore): Promise<number> {
  const [row] = await fresh.ask<{ value: number }>('select value from generation');
  return existing(row).value;
}

const TABLES: readonly (readonly [table: string, order: string])[] = [
  ['store', 'id'],
  ['generation', 'id'],
  ['audit_head', 'id'],
  ['audit_event', 'seq'],
  ['catalog', 'id'],
  ['owner', 'id'],
  ['credential', 'key'],
  ['credential_scope', 'scope, credential_key'],
  ['credential_label', 'key, value, credential_key'],
  ['last_use', 'credential_key, number'],
  ['version', 'credential_key, number'],
  ['version_hash', 'version_id'],
  ['access_token', 'id'],
  ['deleted_version', 'version_id'],
  ['leak', 'id'],
  ['tombstone', 'credential_id'],
];

/** Everything that the store holds, row by row. */
export async function everything(fresh: TestStore): Promise<unknown> {
  const contents: { [table: string]: readonly unknown[] } = {};
  for (const [table, order] of TABLES) {
    contents[table] = await fresh.ask(`select * from ${table} order by ${order}`);
  }
  return contents;
}

/** How many rows of a table satisfy a condition. */
export async function count(
  fresh: TestStore,
  table: string,
  condition: string,
  value: string | number,
): Promise<number> {
  const [row] = await fresh.ask<{ n: number }>(
    `select count(*) as n from ${table} where ${condition} = ?`,
    value,
  );
  return existing(row).n;
}
