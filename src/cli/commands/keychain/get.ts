import { Command } from 'commander';
import { CredctlError } from '../../../domain/errors.js';
import { obstacleTo } from '../../../usecases/credential/obstacle.js';
import { usableSavedSecret } from '../../../usecases/keychain/saved-secret.js';
import type { CommandContext } from '../../command-context.js';
import { withKeychain } from '../../delivery/with-keychain.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { COPY, explain, NAME_HELP } from '../../help.js';
import { nameOrPicked } from '../../prompts/picker.js';
import { jsonDocument } from '../../render/json.js';
import { note } from '../../session.js';
import { savedChoices } from './saved-choices.js';

/** `credctl keychain get`. */
export function keychainGetCommand({ host }: CommandContext): Command {
  const command = new Command('get')
    .summary('print a saved secret')
    .description('Print a saved secret and a newline.')
    .argument('[name]', NAME_HELP);
  addGlobalOptions(command).action(async (given: string | undefined) => {
    const globals = globalOptions(command);
    if (host.out.isDiscarded) throw lost();
    const name = await nameOrPicked(host, globals, given, {
      question: 'Credential with the saved secret',
      among: () => savedChoices(host, globals),
      hint: 'credctl keychain get NAME',
    });
    return withKeychain(host, globals, async (deps) => {
      const { credential, version, state, secret } = await usableSavedSecret(deps, name);
      if (state === 'retiring') {
        note(
          host,
          globals,
          `note: version ${version.number} of ${credential.name} is retiring: it works only until its grace period ends`,
        );
      }
      const obstacle = obstacleTo(credential, deps.now);
      if (obstacle !== null) note(host, globals, `note: ${obstacle.fact}; ${obstacle.wayOut}`);
      try {
        const entry = { name: credential.name, version: version.number, state, secret };
        host.out.write(globals.json ? jsonDocument({ entry }) : `${secret}\n`);
      } catch (cause) {
        throw lost(cause);
      }
    });
  });
  return explain(
    command,
    [
      ['credctl keychain get ci-bot | pbcopy', 'copy it to the clipboard'],
      [
        'curl -H @<(printf "Authorization: Bearer %s" "$(credctl keychain get ci-bot)") https://api.example.com',
        'use it in a request',
      ],
    ],
    [
      0,
      2,
      3,
      4,
      [5, `${COPY}, or the saved secret no longer works`],
      [6, 'undelivered: the keychain cannot be used, or the output cannot be written'],
      8,
      9,
      130,
    ],
  );
}

function lost(cause?: unknown): CredctlError {
  return new CredctlError('undelivered', 'the secret could not be written to standard output', {
    hint: 'check the destination of the output; the keychain still has the secret',
    cause,
  });
}
