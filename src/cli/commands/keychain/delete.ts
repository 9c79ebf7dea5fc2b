import { Command } from 'commander';
import { notFoundError } from '../../../domain/errors.js';
import { findCredential } from '../../../usecases/credential/find.js';
import { formerByReference } from '../../../usecases/credential/former.js';
import { savedAccounts } from '../../../usecases/keychain/saved-secret.js';
import type { CommandContext } from '../../command-context.js';
import { withKeychain } from '../../delivery/with-keychain.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { COPY, explain, NAME_HELP, NO_KEYCHAIN } from '../../help.js';
import { confirmByName } from '../../prompts/confirmation.js';
import { nameOrPicked } from '../../prompts/picker.js';
import { jsonDocument } from '../../render/json.js';
import { note } from '../../session.js';
import { savedChoices } from './saved-choices.js';

/** `credctl keychain delete`. */
export function keychainDeleteCommand({ host }: CommandContext): Command {
  const command = new Command('delete')
    .summary('remove a saved secret')
    .description('Remove a saved secret from the keychain. The credential still works.')
    .argument('[name]', NAME_HELP);
  addGlobalOptions(command).action(async (given: string | undefined) => {
    const globals = globalOptions(command);
    const name = await nameOrPicked(host, globals, given, {
      question: 'Credential with the saved secret',
      among: () => savedChoices(host, globals),
      hint: 'credctl keychain delete NAME',
    });
    return withKeychain(host, globals, async ({ store, keychain }) => {
      const credential = await store.findCredential(name);
      const former = credential === null ? await formerByReference(store, name) : null;
      const target = credential ?? { id: former?.id ?? name.toLowerCase(), name: former?.name ?? name };
      const { id } = await store.settings();
      const accounts = await savedAccounts(keychain, id, target.id);
      // A deleted credential may have left entries.
      if (credential === null && accounts.length === 0) await findCredential(store, name);
      if (accounts.length === 0) {
        throw notFoundError(`the keychain has no secret of ${target.name}`, "see 'credctl keychain list'");
      }
      await confirmByName(host, globals, 'removing a saved secret', [target.name]);
      keychain.renew();
      for (const account of accounts) await keychain.delete(account);
      if (globals.json) {
        host.out.write(jsonDocument({ results: [{ name: target.name, id: target.id, ok: true }] }));
      }
      note(host, globals, `removed the secret of ${target.name} from the keychain`);
    });
  });
  return explain(
    command,
    [
      ['credctl keychain delete ci-bot', 'asks you to type the name'],
      ['credctl keychain delete ci-bot --yes', 'in a script'],
    ],
    [0, 2, 3, 4, [5, COPY], [6, NO_KEYCHAIN], 8, 9, 130],
  );
}
