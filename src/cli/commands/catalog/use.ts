import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain, SCOPES_IN_USE } from '../../help.js';
import { preset } from '../../new-store.js';
import { changeCatalog } from './change.js';

/** `credctl catalog use`. */
export function catalogUseCommand({ host }: CommandContext): Command {
  const command = new Command('use')
    .summary('replace the catalog by a built-in one')
    .description(
      'Replace the catalog of the store by a built-in one. It shows the difference and asks first.',
    )
    .argument('<preset>', "a built-in catalog, see 'credctl catalog presets'");
  addGlobalOptions(command).action((name: string) =>
    changeCatalog(host, globalOptions(command), preset(name), false),
  );
  return explain(
    command,
    [
      ['credctl catalog use mparticle', 'shows the difference and asks first'],
      ['credctl catalog use empty --yes', 'in a script'],
    ],
    [0, 2, 4, [5, SCOPES_IN_USE], 8, 9, 130],
  );
}
