import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { reading } from '../../session.js';
import { reportStore } from './report.js';

/** `credctl store info`. */
export function storeInfoCommand({ host }: CommandContext): Command {
  const command = new Command('info')
    .summary('show where the store is, how it hashes secrets, how much it holds')
    .description('Show where the store is, how it hashes secrets and how much it holds.');
  addGlobalOptions(command).action(() => {
    const globals = globalOptions(command);
    return reading(host, globals, (store) => reportStore(host, globals, store));
  });
  return explain(
    command,
    [
      ['credctl store info', 'the default store'],
      ['credctl store info --store ./team.db --json', 'another one, for a script'],
    ],
    [0, 2, 4, 8, 9],
  );
}
