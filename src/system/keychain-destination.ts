import { randomBytes } from 'node:crypto';
import { CredctlError } from '../domain/errors.js';
import { secretText } from '../domain/issued-secret.js';
import { keychainAccount } from '../domain/keychain-account.js';
import type { Delivery, Destination, Keychain } from '../domain/ports.js';

/** The keychain as the place where a secret is handed over: tried before, and read back after it was written. */
export function keychainDestination(keychain: Keychain): Destination {
  let written: string | null = null;
  return {
    kind: 'keychain',
    replaces: true,

    async preflight() {
      const account = `preflight/${randomBytes(8).toString('hex')}`;
      await writeAndReadBack(keychain, account, 'preflight');
      await keychain.delete(account);
    },

    async deliver(delivery) {
      written = accountOf(delivery, delivery.version.number);
      await writeAndReadBack(keychain, written, secretText(delivery.secret));
    },

    async undo() {
      if (written === null) return;
      // The entry holds a revoked secret; that it stays is no reason to fail once more.
      await keychain.delete(written).catch(() => false);
    },

    async settle(delivery) {
      const older = delivery.credential.versions.filter(
        (version) => version.number < delivery.version.number && version.destinations.includes('keychain'),
      );
      for (const version of older) await keychain.delete(accountOf(delivery, version.number));
    },
  };
}

async function writeAndReadBack(keychain: Keychain, account: string, secret: string): Promise<void> {
  await keychain.set(account, secret);
  if ((await keychain.get(account)) === secret) return;
  throw new CredctlError('undelivered', 'the keychain lost what was written to it', {
    hint: 'check that it is unlocked and keeps its entries',
  });
}

function accountOf(delivery: Delivery, version: number): string {
  return keychainAccount(delivery.storeId, delivery.credential.id, version);
}
