import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { catalogApplyCommand } from './apply.js';
import { catalogPresetsCommand } from './presets.js';
import { catalogShowCommand } from './show.js';
import { catalogUseCommand } from './use.js';

/** `credctl catalog …`. */
export function catalogCommand(context: CommandContext): Command {
  return new Command('catalog')
    .summary('the APIs, permissions and resources that scopes are made of')
    .description('Look at and replace the APIs, permissions and resources that scopes are made of.')
    .addCommand(catalogShowCommand(context))
    .addCommand(catalogPresetsCommand(context))
    .addCommand(catalogUseCommand(context))
    .addCommand(catalogApplyCommand(context));
}
