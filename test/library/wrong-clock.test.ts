import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Administrator,
  administer,
  type Destination,
  handTo,
  openStore,
  type Store,
} from '../../src/index.js';

const AUTHOR = { actor: 'billing@web-1' };
const API_KEY = { type: 'api-key', scopes: ['data:users'] } as const;

interface Scene {
  readonly store: Store;
  readonly admin: Administrator;
  readonly destination: Destination;
}

async function openScene(): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'credctl-library-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const store = await openStore(join(directory, 'credctl.db'), { create: { hash: { scheme: 'sha256' } } });
  onTestFinished(() => store.close());
  return { store, admin: administer(store, AUTHOR), destination: handTo(() => {}) };
}

function failure(code: string): unknown {
  return expect.objectContaining({ name: 'CredctlError', code });
}

describe('a clock that the audit trail contradicts', () => {
  async function withFutureEvent(): Promise<Scene> {
    const scene = await openScene();
    await scene.admin.create({ name: 'bot', ...API_KEY }, scene.destination);
    const entry = { actor: 'x@y', reason: null, action: 'store.set', details: {} } as const;
    const target = { kind: 'store', id: null, name: null } as const;
    await scene.store.write((tx) => tx.appendAudit({ ...entry, target }, Date.now() + 3_600_000));
    return scene;
  }

  it('counts no end: neither a grace nor a policy nor a time that the program took from it', async () => {
    const { admin, destination } = await withFutureEvent();
    const expiresAt = new Date(Date.now() + 60_000);
    await expect(admin.rotate('bot', destination)).rejects.toEqual(failure('conflict'));
    await expect(admin.edit('bot', { expiresAt })).rejects.toEqual(failure('conflict'));
    for (const end of [{ expiresAt }, { rotateEvery: '90d' }]) {
      const input = { name: 'next', ...API_KEY, ...end };
      await expect(admin.create(input, destination)).rejects.toEqual(failure('conflict'));
    }
  });

  it('is told of after every other change, and the first one heals it', async () => {
    const { store, destination } = await withFutureEvent();
    const told: string[] = [];
    const admin = administer(store, AUTHOR, { onClockDoubt: ({ direction }) => told.push(direction) });
    await admin.edit('bot', { expiresAt: null, description: 'x' });
    expect(told).toEqual(['behind']);
    await admin.rotate('bot', destination);
    expect(told).toEqual(['behind']);
  });

  it('is gone by where the program vouches for it', async () => {
    const { store, destination } = await withFutureEvent();
    const admin = administer(store, AUTHOR, { trustClock: true });
    await admin.rotate('bot', destination);
    expect((await admin.show('bot')).versions).toHaveLength(2);
  });

  it('takes no option that it does not know', async () => {
    const { store } = await openScene();
    const misspelt: object = { trustClocks: true };
    expect(() => administer(store, AUTHOR, misspelt)).toThrow('trustClocks');
  });
});
