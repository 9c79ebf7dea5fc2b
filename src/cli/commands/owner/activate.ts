import { Command } from 'commander';
import { setOwnerStatus } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { changing } from '../../session.js';
import { distinctTargets, forEachTarget } from '../targets.js';

/** `credctl owner activate`. */
export function ownerActivateCommand(context: CommandContext): Command {
  const command = new Command('activate')
    .summary('let the credentials of an owner work again')
    .description('Let the credentials of an owner work again, from the next request on.')
    .argument('<name...>', "owners' names");
  addGlobalOptions(command).action((names: readonly string[]) => {
    const globals = globalOptions(command);
    return changing(context.host, globals, async (deps) => {
      const targets = await distinctTargets(names, (name) => deps.store.findOwner(name));
      await forEachTarget(context, globals, targets, 'activated owner', (name) =>
        setOwnerStatus(deps, name, 'active'),
      );
    });
  });
  return explain(
    command,
    [
      ['credctl owner activate crm', 'one owner'],
      [
        'credctl owner activate crm billing --reason "audit passed"',
        'several, with a reason for the audit trail',
      ],
    ],
    [0, 2, 3, 4, 7, 8, 9],
  );
}
