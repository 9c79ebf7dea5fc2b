import { Command } from 'commander';
import { findCredential } from '../../usecases/credential/find.js';
import type { CommandContext } from '../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../flags/global.js';
import { explain, NAME_HELP } from '../help.js';
import type { Host } from '../host/host.js';
import { nameOrPicked } from '../prompts/picker.js';
import { credentialFacts } from '../render/credential-facts.js';
import { jsonDocument } from '../render/json.js';
import { paged } from '../render/paged.js';
import { credentialView } from '../render/views.js';
import { reading } from '../session.js';

/** `credctl show`. */
export function showCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .description(
      'Show one credential and the state of its secrets. The secrets themselves cannot be shown: only their hashes are stored.',
    )
    .argument('[name]', NAME_HELP);
  addGlobalOptions(command).action(async (given: string | undefined) => {
    const globals = globalOptions(command);
    const picking = { question: 'Credential to show', hint: 'credctl show NAME' };
    await runShow(host, globals, await nameOrPicked(host, globals, given, picking));
  });
  return explain(
    command,
    [
      ['credctl show ci-bot', 'for a person'],
      ["credctl show ci-bot --json | jq -r '.credential.versions[0].state'", 'for a script'],
    ],
    [0, 2, 3, 4, 8, 9, 130],
  );
}

/** Prints a credential. */
export async function runShow(host: Host, globals: GlobalOptions, name: string): Promise<void> {
  await paged(host, globals, (print) =>
    reading(host, globals, async (store) => {
      const credential = await findCredential(store, name);
      const { prefix } = await store.settings();
      const now = host.clock.now();
      if (globals.json) {
        host.out.write(jsonDocument({ credential: credentialView(credential, prefix, now) }));
      } else if (host.out.isTerminal) {
        const [{ describeCredential }, { styleFor }] = await Promise.all([
          import('../render/description/credential.js'),
          import('../render/style.js'),
        ]);
        const look = {
          prefix,
          now,
          columns: host.out.columns,
          style: styleFor(host, host.out, globals),
        };
        await print(describeCredential(credential, look));
      } else {
        host.out.write(credentialFacts(credential, prefix, now));
      }
    }),
  );
}
