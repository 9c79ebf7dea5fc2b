import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain, SOME_FAILED } from '../../help.js';
import { activationLines } from '../../render/effect.js';
import { note } from '../../session.js';
import { setOwnerStatuses } from './activation.js';

/** `credctl owner activate`. */
export function ownerActivateCommand(context: CommandContext): Command {
  const command = new Command('activate')
    .summary('let the credentials of an owner work again')
    .description('Let the credentials of an owner work again, from the next request.')
    .argument('<name...>', "owners' names");
  addGlobalOptions(command).action((names: readonly string[]) => {
    const globals = globalOptions(command);
    return setOwnerStatuses(context, globals, names, 'active', 'activated owner', {}, (credentials, now) => {
      for (const line of activationLines(credentials, now)) note(context.host, globals, line);
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
    [0, 2, 3, 4, [7, SOME_FAILED], 8, 9],
  );
}
