import { CredctlError } from '../../domain/errors.js';
import type { AbandonedVersion, Delivery, Destination, Keychain } from '../../domain/ports/ports.js';
import { secretText } from '../../domain/secret/issued-secret.js';
import { keychainAccount, keychainLabel } from '../../domain/secret/keychain-account.js';
import { preflightAccount } from '../keychain/preflight-entry.js';

/** The keychain as a destination: tested with a trial entry in the preflight, read back after the write. */
export function keychainDestination(keychain: Keychain): Destination {
  let written: string | null = null;
  let labelled: Promise<void> | null = null;
  let abandoned: readonly AbandonedVersion[] = [];
  return {
    kind: 'keychain',
    replaces: true,

    async preflight(context) {
      abandoned = context.abandoned;
      keychain.renew();
      const account = preflightAccount();
      try {
        await writeAndReadBack(keychain, account, 'preflight');
      } catch (fault) {
        await keychain.delete(account).catch(() => false);
        keychain.close();
        throw fault;
      }
      await keychain.delete(account);
    },

    async deliver(delivery) {
      written = accountOf(delivery, delivery.version.number);
      await writeAndReadBack(keychain, written, secretText(delivery.secret));
      // Concurrent with the delivery to other places and with its confirmation.
      const label = keychainLabel(delivery.credential, delivery.version.number);
      labelled = keychain.label(written, label).catch(() => {});
    },

    async undo() {
      if (written === null) return;
      // Best effort: the remaining entry holds a revoked secret.
      await keychain.delete(written).catch(() => false);
      keychain.close();
    },

    async settle(delivery) {
      keychain.renew();
      try {
        for (const account of outdated(delivery, abandoned)) await keychain.delete(account);
        await labelled;
      } finally {
        keychain.close();
      }
    },
  };
}

/** Entries of older versions, and of interrupted creates of the same name. */
function outdated(delivery: Delivery, abandoned: readonly AbandonedVersion[]): ReadonlySet<string> {
  const older = delivery.credential.versions.filter(
    (version) => version.number < delivery.version.number && version.destinations.includes('keychain'),
  );
  return new Set([
    ...older.map((version) => accountOf(delivery, version.number)),
    ...abandoned.flatMap(({ keychainEntry: entry }) =>
      entry === undefined ? [] : [keychainAccount(delivery.storeId, entry.credentialId, entry.version)],
    ),
  ]);
}

async function writeAndReadBack(keychain: Keychain, account: string, secret: string): Promise<void> {
  await keychain.set(account, secret);
  const kept = await keychain.get(account);
  if (kept === secret) return;
  const fact =
    kept === null
      ? 'the keychain lost the secret'
      : 'the keychain returned another secret than the one saved';
  throw new CredctlError('undelivered', fact, {
    hint: 'check that the keychain is unlocked and keeps its entries',
  });
}

function accountOf(delivery: Delivery, version: number): string {
  return keychainAccount(delivery.storeId, delivery.credential.id, version);
}
