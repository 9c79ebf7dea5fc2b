import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/index.js';
import { temporaryDirectory } from '../support/build/packed.js';

describe('openStore', () => {
  it('makes the store at once, for its owner alone, in the name that was given', async () => {
    const path = join(temporaryDirectory(), 'own', 'credctl.db');
    const store = await openStore(path, { create: { hash: { scheme: 'sha256' } }, actor: 'setup@web-1' });
    onTestFinished(() => store.close());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { items } = await store.listAudit({ limit: 10 });
    expect(items.map(({ event }) => [event.action, event.actor])).toEqual([['store.init', 'setup@web-1']]);
  });

  it('makes none unless it is asked to', async () => {
    const path = join(tmpdir(), 'credctl-library-none', 'credctl.db');
    await expect(openStore(path)).rejects.toMatchObject({ name: 'CredctlError', code: 'store_unavailable' });
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['an unknown catalog', { catalog: 'nobody' }],
    ['a prefix that is none', { prefix: 'A-B' }],
    [
      'a catalog that is in disorder',
      { catalog: { name: 'x', apis: [{ id: 'a b' }], resources: [] } as never },
    ],
  ])('refuses %s and makes nothing', async (_, create) => {
    const path = join(tmpdir(), 'credctl-library-none', 'credctl.db');
    await expect(openStore(path, { create })).rejects.toBeInstanceOf(Error);
    expect(existsSync(path)).toBe(false);
  });
});
