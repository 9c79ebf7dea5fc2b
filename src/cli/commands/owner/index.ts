import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { ownerActivateCommand } from './activate.js';
import { ownerCreateCommand } from './create.js';
import { ownerDeactivateCommand } from './deactivate.js';
import { ownerDeleteCommand } from './delete.js';
import { ownerEditCommand } from './edit.js';
import { ownerListCommand } from './list.js';
import { ownerShowCommand } from './show.js';

/** `credctl owner …`. */
export function ownerCommand(context: CommandContext): Command {
  const command = new Command('owner')
    .description('Manage the service accounts and people that credentials belong to.')
    .addCommand(ownerCreateCommand(context))
    .addCommand(ownerListCommand(context))
    .addCommand(ownerShowCommand(context))
    .addCommand(ownerEditCommand(context))
    .addCommand(ownerActivateCommand(context))
    .addCommand(ownerDeactivateCommand(context))
    .addCommand(ownerDeleteCommand(context));
  addGlobalOptions(command).enablePositionalOptions();
  return explain(
    command,
    [
      ['credctl owner create crm --kind service', 'create a service account'],
      ['credctl owner deactivate crm --reason "contract ended"', 'stop all its credentials'],
    ],
    [0, 2, 3, 4, 5, 7, 8, 9, 130],
  );
}
