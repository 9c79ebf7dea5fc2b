import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServingStore } from '../../../src/domain/ports/serving-port.js';
import type { AccessToken, StoreTransaction } from '../../../src/domain/ports/store-port.js';
import { openServingStore } from '../../../src/storage/serving/sqlite/store.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { PROJECT } from '../../support/program/real-program.js';
import { SQLITE } from '../../support/stores/stores.js';
import { added, existing, opened } from '../contract/opened.js';
import { newVersionId } from '../fixtures.js';

const THREAD = pathToFileURL(join(PROJECT, 'dist', 'writer-thread.mjs'));

/** A store that another thread writes to, tokens for a credential in it, and tokens for a version that is not there. */
async function served() {
  const files = await opened(SQLITE);
  const credential = await added(files.store, { type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' });
  const store = openServingStore(files.path, THREAD);
  onTestFinished(() => store.close());
  const token = (versionId: string): AccessToken => ({
    id: newVersionId(),
    credentialId: credential.id,
    versionId,
    digest: 'ab'.repeat(32),
    scopes: ['data:users'],
    issuedAt: START,
    expiresAt: START + 60_000,
  });
  const versionId = existing(credential.versions[0]).id;
  return { path: files.path, store, good: () => token(versionId), orphan: () => token(newVersionId()) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Inserts tokens a few at a time, without waiting for the answers, and takes note of those that come. */
async function insertAll(store: ServingStore, tokens: readonly AccessToken[]) {
  const outcomes: Promise<boolean>[] = [];
  for (const [at, token] of tokens.entries()) {
    outcomes.push(store.insertToken(token));
    if (at % 5 === 0) await turn();
  }
  return Promise.all(outcomes);
}

describe('the thread that writes', () => {
  it('answers each of many tokens for itself, in whichever company it was written', async () => {
    const { store, good, orphan } = await served();
    const tokens = Array.from({ length: 400 }, (_, at) => (at % 7 === 3 ? orphan() : good()));
    const kept = await insertAll(store, tokens);
    expect(kept).toEqual(tokens.map((_, at) => at % 7 !== 3));
    for (const [at, token] of tokens.entries()) {
      expect(await store.findToken(token.id)).toEqual(at % 7 === 3 ? null : token);
    }
  });

  it('writes no token into a transaction that is led from the other thread, and all of them after it', async () => {
    const { store, good } = await served();
    const token = good();
    let outcome: boolean | null = null;
    let isWritten: Promise<void> = Promise.resolve();
    await store.write(async (tx) => {
      isWritten = store.insertToken(token).then((isKept) => {
        outcome = isKept;
      });
      for (let steps = 0; steps < 20; steps += 1) await tx.settings();
      expect(outcome).toBeNull();
    });
    await isWritten;
    expect(outcome).toBe(true);
    expect(await store.findToken(token.id)).toEqual(token);
  });

  it('takes back a transaction whose work fails on the other thread, and goes on', async () => {
    const { store, good } = await served();
    const { versionId } = good();
    const firstUse = async () => (await store.findPresentedVersion(versionId))?.version.firstUsedAt;
    const use = (tx: StoreTransaction) => tx.recordUse(versionId, START, null);
    const failing = store.write(async (tx) => {
      await use(tx);
      throw new Error('the work failed');
    });
    await expect(failing).rejects.toThrow('the work failed');
    expect(await firstUse()).toBeNull();
    await store.write(use);
    expect(await firstUse()).toBe(START);
  });

  it('goes on with other changes while tokens keep coming', async () => {
    const { store, good } = await served();
    const tokens = Array.from({ length: 300 }, good);
    const kept = insertAll(store, tokens);
    const [first] = tokens;
    await store.write((tx) => tx.settings());
    await store.recordUses([
      { versionId: existing(first).versionId, first: START, last: START + 5, from: null },
    ]);
    expect(await store.purgeTokens(START)).toBe(false);
    expect((await kept).every((each) => each)).toBe(true);
    expect((await store.findPresentedVersion(existing(first).versionId))?.version.firstUsedAt).toBe(START);
  });

  it('tells every token that there is no store, and none when it is back', async () => {
    const { path, store, good } = await served();
    await store.insertToken(good());
    await rename(path, `${path}.away`);
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => store.insertToken(good())));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } });
    }
    await rename(`${path}.away`, path);
    expect(await store.insertToken(good())).toBe(true);
  });

  it('has written what was asked of it when it is closed', async () => {
    const { path, store, good } = await served();
    const tokens = Array.from({ length: 100 }, good);
    const outcomes = tokens.map((token) => store.insertToken(token));
    await store.close();
    expect((await Promise.all(outcomes)).every((each) => each)).toBe(true);
    const again = openServingStore(path, null);
    onTestFinished(() => again.close());
    for (const token of tokens) expect(await again.findToken(token.id)).toEqual(token);
  });
});
