import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { deactivationLine } from '../../render/effect.js';
import { note } from '../../session.js';
import { setOwnerStatuses } from './activation.js';

/** `credctl owner deactivate`. */
export function ownerDeactivateCommand(context: CommandContext): Command {
  const command = new Command('deactivate')
    .summary('stop all credentials of an owner')
    .description('Stop all credentials of an owner from the next request on, until it is activated again.')
    .argument('<name...>', "owners' names");
  addGlobalOptions(command).action((names: readonly string[]) => {
    const globals = globalOptions(command);
    return setOwnerStatuses(context, globals, names, 'inactive', 'deactivated owner', (credentials, now) =>
      note(context.host, globals, deactivationLine(credentials, now)),
    );
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
