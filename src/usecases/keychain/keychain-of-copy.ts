import { conflictError } from '../../domain/errors.js';
import type { Keychain } from '../../domain/ports/ports.js';
import type { StorePlacing } from '../../domain/ports/store-placing.js';

/**
 * Guards the keychain against a copied store, which shares the id of its original and hence its entries.
 *
 * @param placing called once, before the first access
 * @returns the keychain; for a copy, each method throws `conflict`
 */
export function keychainUnlessCopy(keychain: Keychain, placing: () => Promise<StorePlacing>): Keychain {
  let asked: Promise<void> | null = null;
  const unlessCopy = async <T>(use: () => Promise<T>): Promise<T> => {
    asked ??= refuseCopy(placing);
    await asked;
    return use();
  };
  return {
    get: (account) => unlessCopy(() => keychain.get(account)),
    set: (account, secret) => unlessCopy(() => keychain.set(account, secret)),
    label: (account, text) => unlessCopy(() => keychain.label(account, text)),
    delete: (account) => unlessCopy(() => keychain.delete(account)),
    accounts: () => unlessCopy(() => keychain.accounts()),
    renew: () => keychain.renew(),
    close: () => keychain.close(),
  };
}

async function refuseCopy(placing: () => Promise<StorePlacing>): Promise<void> {
  const found = await placing();
  if (found.kind === 'backup' && found.original !== null) {
    throw conflictError(
      `this is a backup of ${found.original}, and the secrets in the keychain belong to the original`,
      'use the original',
    );
  }
  if (found.kind !== 'copy') return;
  throw conflictError(
    `this store is a copy of ${found.of}, and the secrets in the keychain belong to the original`,
    "make the copy independent with 'credctl store adopt', or use the original",
  );
}
