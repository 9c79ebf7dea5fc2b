import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { leaksCloseCommand } from './close.js';
import { leaksListCommand } from './list.js';

/** `credctl leaks …`; defaults to `list`. */
export function leaksCommand(context: CommandContext): Command {
  const command = new Command('leaks')
    .description('See which secrets were found where they should not be, and close what was dealt with.')
    .addCommand(leaksListCommand(context), { isDefault: true })
    .addCommand(leaksCloseCommand(context));
  addGlobalOptions(command).enablePositionalOptions();
  return explain(
    command,
    [
      ['credctl leaks', "which secrets have leaked? short for 'credctl leaks list'"],
      ['credctl leaks close 1 --reason "rotated, and the file is gone from history"', 'one was dealt with'],
    ],
    [0, 2, [3, 'not_found: no leak has this number'], 4, 8, 9],
  );
}
