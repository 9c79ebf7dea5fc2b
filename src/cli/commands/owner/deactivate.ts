import { Command } from 'commander';
import { setOwnerStatus } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { changing } from '../../session.js';
import { distinctTargets, forEachTarget } from '../targets.js';

/** `credctl owner deactivate`. */
export function ownerDeactivateCommand(context: CommandContext): Command {
  const command = new Command('deactivate')
    .summary('stop all credentials of an owner')
    .description('Stop all credentials of an owner from the next request on, until it is activated again.')
    .argument('<name...>', "owners' names");
  addGlobalOptions(command).action((names: readonly string[]) => {
    const globals = globalOptions(command);
    return changing(context.host, globals, async (deps) => {
      const targets = await distinctTargets(names, (name) => deps.store.findOwner(name));
      await forEachTarget(context, globals, targets, 'deactivated owner', (name) =>
        setOwnerStatus(deps, name, 'inactive'),
      );
    });
  });
  return explain(
    command,
    [
      ['credctl owner deactivate crm', 'one owner'],
      [
        'credctl owner deactivate crm billing --reason "left the company"',
        'several, with a reason for the audit trail',
      ],
    ],
    [0, 2, 3, 4, 7, 8, 9],
  );
}
