import { Command } from 'commander';
import { findCredential } from '../../usecases/credential/find.js';
import type { CommandContext } from '../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../flags/global.js';
import { explain } from '../help.js';
import type { Host } from '../host/host.js';
import { credentialFacts } from '../render/credential-facts.js';
import { jsonDocument } from '../render/json.js';
import { credentialView } from '../render/views.js';
import { reading } from '../session.js';

/** `credctl show`. */
export function showCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .description(
      'Show one credential with its versions. Secrets cannot be shown: only their hashes are kept.',
    )
    .argument('<name>', 'name, id, client id or handle');
  addGlobalOptions(command).action((name: string) => runShow(host, globalOptions(command), name));
  return explain(
    command,
    [
      ['credctl show ci-bot', 'for a person'],
      ["credctl show ci-bot --json | jq -r '.credential.versions[0].state'", 'for a script'],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}

/** Prints a credential. */
export async function runShow(host: Host, globals: GlobalOptions, name: string): Promise<void> {
  await reading(host, globals, async (store) => {
    const credential = await findCredential(store, name);
    const { prefix } = await store.settings();
    const now = host.clock.now();
    host.out.write(
      globals.json
        ? jsonDocument({ credential: credentialView(credential, prefix, now) })
        : credentialFacts(credential, prefix, now),
    );
  });
}
