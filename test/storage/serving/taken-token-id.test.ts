import { expect, it, onTestFinished } from 'vitest';
import type { ServingStore } from '../../../src/domain/ports/serving-port.js';
import type { Store } from '../../../src/domain/ports/store-port.js';
import { openPostgresServingStore } from '../../../src/storage/serving/postgres/store.js';
import { openServingStore } from '../../../src/storage/serving/sqlite/store.js';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { SQLITE } from '../../support/stores/stores.js';
import { added, existing, opened } from '../contract/opened.js';
import { newVersionId } from '../fixtures.js';

const ENGINES: readonly (readonly [string, () => Promise<readonly [Store, ServingStore]>])[] = [
  [
    'SQLite',
    async () => {
      const { store, path } = await opened(SQLITE);
      return [store, openServingStore(path, null)];
    },
  ],
  [
    POSTGRES_18.label,
    async () => {
      const { store, url } = await opened(POSTGRES_18);
      return [store, await openPostgresServingStore(url, 2)];
    },
  ],
];

it.each(ENGINES)(
  'on %s, of two tokens with one id the first stays, and others are kept',
  async (_label, open) => {
    const [store, serving] = await open();
    onTestFinished(() => serving.close());
    const credential = await added(store, { type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' });
    // What a database issues is never of the future.
    const issuedAt = Date.now() - 1_000;
    const token = (id: string, digest: string) => ({
      id,
      credentialId: credential.id,
      versionId: existing(credential.versions[0]).id,
      digest: digest.repeat(64),
      scopes: ['data:users'],
      issuedAt,
      expiresAt: issuedAt + 60_000,
    });
    const [taken, free] = [newVersionId(), newVersionId()];
    expect(await serving.insertToken(token(taken, 'a'))).toBe(true);
    const outcomes = [serving.insertToken(token(taken, 'b')), serving.insertToken(token(free, 'c'))];
    expect(await Promise.all(outcomes)).toEqual([false, true]);
    const found = [await serving.findToken(taken), await serving.findToken(free)];
    expect(found).toEqual([token(taken, 'a'), token(free, 'c')]);
  },
);
