import { Command } from 'commander';
import { counted } from '../../../domain/text/counted.js';
import { deleteOwner, findOwner } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { confirmByName } from '../../prompts/confirmation.js';
import { changing, note } from '../../session.js';
import { distinctTargets, forEachTarget } from '../targets.js';

/** `credctl owner delete`. */
export function ownerDeleteCommand(context: CommandContext): Command {
  const { host } = context;
  const command = new Command('delete')
    .summary('delete owners; their credentials stop')
    .description(
      'Delete owners. Their credentials stay listed, inactive and without owner, until they are reassigned and activated, or deleted.',
    )
    .argument('<name...>', "owners' names");
  addGlobalOptions(command).action((names: readonly string[]) => {
    const globals = globalOptions(command);
    return changing(host, globals, async (deps) => {
      if (names.length === 1) await findOwner(deps.store, names[0] ?? '');
      const targets = await distinctTargets(names, (name) => deps.store.findOwner(name));
      await confirmByName(
        host,
        globals,
        'deleting an owner',
        targets.map(({ name }) => name),
      );
      await forEachTarget(context, globals, targets, 'deleted owner', async (name) => {
        const owner = await deleteOwner(deps, name);
        if (owner.credentials > 0) {
          note(
            host,
            globals,
            `note: ${counted(owner.credentials, 'credential')} of ${owner.name} ${owner.credentials === 1 ? 'is' : 'are'} now inactive`,
          );
        }
        return owner;
      });
    });
  });
  return explain(
    command,
    [
      ['credctl owner delete crm', 'asks for the name to be typed'],
      ['credctl owner delete crm --yes', 'in a script'],
    ],
    [0, 2, 3, 4, 7, 8, 9, 130],
  );
}
