import { notFoundError } from '../../../domain/errors.js';
import { listSavedSecrets } from '../../../usecases/keychain/saved-secret.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import type { Match } from '../../prompts/prompts.js';
import { note, reading } from '../../session.js';

/**
 * The credentials of this store with a secret in the keychain, by name, to choose from; of a deleted one, its id.
 *
 * @throws CredctlError `not_found` when there is none
 */
export async function savedChoices(host: Host, globals: GlobalOptions): Promise<readonly Match<string>[]> {
  // The command that follows opens the store again, with the notes about it.
  return reading(host, { ...globals, quiet: true }, async (store) => {
    const keychain = host.keychain((text) => note(host, globals, text));
    try {
      const choices = new Map<string, Match<string>>();
      for (const { name, version, state } of await listSavedSecrets({
        store,
        keychain,
        now: host.clock.now(),
      })) {
        // The newest version of each comes first.
        if (!choices.has(name)) {
          choices.set(name, { value: name, name, remarks: [state, `version ${version}`] });
        }
      }
      if (choices.size > 0) return [...choices.values()];
    } finally {
      keychain.close();
    }
    throw notFoundError(
      'the keychain holds nothing of this store',
      "save a secret with 'credctl rotate NAME --keychain'",
    );
  });
}
