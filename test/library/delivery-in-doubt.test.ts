import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { administer, DeliveryInDoubt, handTo, openStore, versionState } from '../../src/index.js';

it.each([
  ['completed', 'resumeRotation', ['current', 'revoked']],
  ['taken back', 'abortRotation', ['revoked', 'current']],
] as const)(
  'a function that cannot tell keeps both secrets alive, until it is %s',
  async (_, step, states) => {
    const directory = mkdtempSync(join(tmpdir(), 'credctl-library-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const store = await openStore(join(directory, 's.db'), { create: { hash: { scheme: 'sha256' } } });
    onTestFinished(() => store.close());
    const admin = administer(store, { actor: 'billing@web-1' });
    await admin.create(
      { name: 'bot', type: 'api-key', scopes: ['data:users'] },
      handTo(() => {}),
    );
    const silent = handTo(() => Promise.reject(new DeliveryInDoubt('the vault did not answer')));
    await expect(admin.rotate('bot', silent, { now: true })).rejects.toThrow(
      expect.objectContaining({ code: 'partial', message: 'the vault did not answer' }),
    );
    const statesNow = async () =>
      (await admin.show('bot')).versions.map((version) => versionState(version, Date.now()));
    expect(await statesNow()).toEqual(['pending', 'current']);
    await admin[step]('bot');
    expect(await statesNow()).toEqual(states);
  },
);
