import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { ownerActivateCommand } from './activate.js';
import { ownerCreateCommand } from './create.js';
import { ownerDeactivateCommand } from './deactivate.js';
import { ownerDeleteCommand } from './delete.js';
import { ownerEditCommand } from './edit.js';
import { ownerListCommand } from './list.js';
import { ownerShowCommand } from './show.js';

/** `credctl owner …`. */
export function ownerCommand(context: CommandContext): Command {
  return new Command('owner')
    .summary('the service accounts and users that credentials belong to')
    .description('Manage the service accounts and users that credentials belong to.')
    .addCommand(ownerCreateCommand(context))
    .addCommand(ownerListCommand(context))
    .addCommand(ownerShowCommand(context))
    .addCommand(ownerEditCommand(context))
    .addCommand(ownerActivateCommand(context))
    .addCommand(ownerDeactivateCommand(context))
    .addCommand(ownerDeleteCommand(context));
}
