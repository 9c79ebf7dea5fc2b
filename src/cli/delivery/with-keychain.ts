import type { KeychainDependencies } from '../../usecases/keychain/saved-secret.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { reading } from '../session.js';

/** Opens the store for looking, with the keychain beside it, and lets go of both whatever happens. */
export async function withKeychain<T>(
  host: Host,
  globals: GlobalOptions,
  work: (deps: KeychainDependencies) => Promise<T>,
): Promise<T> {
  return reading(host, globals, async (store) => {
    const keychain = host.keychain();
    try {
      return await work({ store, keychain, now: host.clock.now() });
    } finally {
      keychain.close();
    }
  });
}
