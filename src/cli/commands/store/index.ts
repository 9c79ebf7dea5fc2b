import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { storeCheckCommand } from './check.js';
import { storeInfoCommand } from './info.js';
import { storeInitCommand } from './init.js';
import { storeSetCommand } from './set.js';

/** `credctl store …`. */
export function storeCommand(context: CommandContext): Command {
  return new Command('store')
    .summary('where the credentials live')
    .description('Make, look at, set up and check the store that the credentials live in.')
    .addCommand(storeInitCommand(context))
    .addCommand(storeInfoCommand(context))
    .addCommand(storeSetCommand(context))
    .addCommand(storeCheckCommand(context));
}
