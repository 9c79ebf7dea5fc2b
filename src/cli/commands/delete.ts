import { Command } from 'commander';
import { deleteCredential } from '../../usecases/credential/delete.js';
import { findCredential } from '../../usecases/credential/find.js';
import type { CommandContext } from '../command-context.js';
import { removeCopiesOf } from '../delivery/saved-copies.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../flags/global.js';
import { explain } from '../help.js';
import { confirmByName } from '../prompts/confirmation.js';
import { changing, note } from '../session.js';
import { distinctTargets, forEachTarget } from './targets.js';

/** `credctl delete`. */
export function deleteCommand(context: CommandContext): Command {
  const command = new Command('delete')
    .description('Delete credentials for good: their secrets stop at once, and nothing brings them back.')
    .argument('<name...>', 'names, ids, client ids or handles');
  addGlobalOptions(command).action((names: readonly string[]) =>
    runDelete(context, globalOptions(command), names),
  );
  return explain(
    command,
    [
      ['credctl delete ci-bot', 'asks for the name to be typed'],
      ['credctl delete ci-bot old-sync --yes --reason "project ended"', 'in a script'],
    ],
    [0, 2, 3, 4, 7, 8, 9, 130],
  );
}

/** Notes about data that could not be erased at once. */
const HELD_BACK = {
  'log-held':
    'note: another process is reading the store, so the hashes stay in its log file until that process is done',
  'rows-held':
    'note: another session holds tokens or uses of what was deleted, which are good for nothing any more; the next change wipes them',
};

/** Deletes each credential, then erases what the rows leave in the file. */
export async function runDelete(
  context: CommandContext,
  globals: GlobalOptions,
  names: readonly string[],
): Promise<void> {
  const { host } = context;
  await changing(host, globals, async (deps) => {
    if (names.length === 1) await findCredential(deps.store, names[0] ?? '');
    const targets = await distinctTargets(names, (name) => deps.store.findCredential(name));
    await confirmByName(
      host,
      globals,
      'deleting',
      targets.map(({ name }) => name),
    );
    const keychain = host.keychain();
    await forEachTarget(context, globals, targets, 'deleted', async (name) => {
      const credential = await deleteCredential(deps, name);
      await removeCopiesOf(host, globals, deps.store, keychain, credential);
      return credential;
    });
    keychain.close();
    const scrubbed = await deps.store.scrub();
    if (scrubbed !== 'done') note(host, globals, HELD_BACK[scrubbed]);
  });
}
