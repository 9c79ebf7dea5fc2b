import type { KeychainDependencies } from '../../usecases/keychain/saved-secret.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host } from '../host/host.js';
import { note, reading } from '../session.js';

/** Runs `work` with the store opened for reading and the keychain, and closes both afterwards. */
export async function withKeychain<T>(
  host: Host,
  globals: GlobalOptions,
  work: (deps: KeychainDependencies) => Promise<T>,
): Promise<T> {
  return reading(host, globals, async (store) => {
    const keychain = host.keychain((text) => note(host, globals, text));
    try {
      return await work({ store, keychain, now: host.clock.now() });
    } finally {
      keychain.close();
    }
  });
}
