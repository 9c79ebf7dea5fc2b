import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { catalogApplyCommand } from './apply.js';
import { catalogCheckCommand } from './check.js';
import { catalogInitCommand } from './init.js';
import { catalogPresetsCommand } from './presets.js';
import { catalogShowCommand } from './show.js';
import { catalogUseCommand } from './use.js';

/** `credctl catalog …`. */
export function catalogCommand(context: CommandContext): Command {
  const command = new Command('catalog')
    .description(
      'Show, check and replace the catalog: the APIs, permissions and resources that scopes are made of.',
    )
    .addCommand(catalogShowCommand(context))
    .addCommand(catalogInitCommand(context))
    .addCommand(catalogCheckCommand(context))
    .addCommand(catalogPresetsCommand(context))
    .addCommand(catalogUseCommand(context))
    .addCommand(catalogApplyCommand(context));
  addGlobalOptions(command).enablePositionalOptions();
  return explain(
    command,
    [
      ['credctl catalog show', 'which scopes are there?'],
      ['credctl catalog init', 'write a commented example to start from'],
      ['credctl catalog apply -f catalog.yaml --dry-run', 'what would my own catalog change?'],
    ],
    [0, 2, 3, 4, 5, 8, 9, 130],
  );
}
