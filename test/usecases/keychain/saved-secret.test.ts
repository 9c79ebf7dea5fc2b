import { expect, it } from 'vitest';
import type { Keychain } from '../../../src/domain/ports/ports.js';
import { keychainDestination } from '../../../src/system/destinations/keychain-destination.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { usableSavedSecret } from '../../../src/usecases/keychain/saved-secret.js';
import { failure } from '../../storage/fixtures.js';
import { openScenario, REVOKE, type Scenario } from '../scenario.js';

/** A keychain in memory, before whose next reading something happens. */
class MemoryKeychain implements Keychain {
  readonly entries = new Map<string, string>();
  before: (() => Promise<unknown>) | null = null;

  async get(account: string): Promise<string | null> {
    const { before } = this;
    this.before = null;
    await before?.();
    return this.entries.get(account) ?? null;
  }

  async set(account: string, secret: string): Promise<void> {
    this.entries.set(account, secret);
  }

  async delete(account: string): Promise<boolean> {
    return this.entries.delete(account);
  }

  async label(): Promise<void> {}
  accounts = async () => [...this.entries.keys()];
  renew(): void {}
  close(): void {}
}

async function saved(): Promise<{ scenario: Scenario; keychain: MemoryKeychain }> {
  const scenario = await openScenario();
  const keychain = new MemoryKeychain();
  await scenario.issue({ also: [keychainDestination(keychain)] });
  return { scenario, keychain };
}

const read = ({ store, clock }: Scenario, keychain: Keychain) =>
  usableSavedSecret({ store, keychain, now: clock.now() }, 'ci-bot');

it('is the new one where a rotation completes between the looks at the store and the keychain', async () => {
  const { scenario, keychain } = await saved();
  let secret = '';
  keychain.before = async () => {
    secret = await scenario.rotate({ supersede: REVOKE, also: [keychainDestination(keychain)] });
  };
  expect(await read(scenario, keychain)).toMatchObject({ secret, version: { number: 2 } });
});

it('is of no credential where that is deleted in between', async () => {
  const { scenario, keychain } = await saved();
  keychain.before = async () => {
    await deleteCredential(scenario.process(), 'ci-bot');
    keychain.entries.clear();
  };
  await expect(read(scenario, keychain)).rejects.toEqual(failure('not_found', /no credential "ci-bot"/));
});

it('is missing where the entry is, and nothing else has happened', async () => {
  const { scenario, keychain } = await saved();
  keychain.entries.clear();
  await expect(read(scenario, keychain)).rejects.toEqual(failure('not_found', /the keychain has no secret/));
});
