import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { preset } from '../../new-store.js';
import { changeCatalog } from './change.js';

/** `credctl catalog use`. */
export function catalogUseCommand({ host }: CommandContext): Command {
  const command = new Command('use')
    .summary('replace the catalog by one that comes with credctl')
    .description('Replace the catalog by one that comes with credctl, after showing the difference.')
    .argument('<preset>', "see 'credctl catalog presets'");
  addGlobalOptions(command).action((name: string) =>
    changeCatalog(host, globalOptions(command), preset(name), false),
  );
  return explain(
    command,
    [
      ['credctl catalog use mparticle', 'shows the difference and asks'],
      ['credctl catalog use empty --yes', 'in a script'],
    ],
    [0, 2, 4, 5, 8, 9, 130],
  );
}
