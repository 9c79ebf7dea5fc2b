import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain, SCOPES_IN_USE } from '../../help.js';
import { changeCatalog } from './change.js';
import { readCatalogFile } from './file.js';

/** `credctl catalog apply`. */
export function catalogApplyCommand({ host }: CommandContext): Command {
  const command = new Command('apply')
    .summary('replace the catalog by your own')
    .description(
      'Replace the catalog of the store by your own. It shows the difference and asks first. A catalog without a scope that a credential has is refused.',
    )
    .requiredOption('-f, --file <file>', 'a YAML file, or - for standard input')
    .option('--dry-run', 'show the difference and change nothing');
  addGlobalOptions(command).action(async (options: { readonly file: string; readonly dryRun?: true }) => {
    const next = await readCatalogFile(host, options.file);
    await changeCatalog(host, globalOptions(command), next, options.dryRun === true);
  });
  return explain(
    command,
    [
      ['credctl catalog apply -f catalog.yaml --dry-run', 'what would change?'],
      ['credctl catalog apply -f - --yes < catalog.yaml', 'in a script'],
    ],
    [0, 2, 3, 4, [5, SCOPES_IN_USE], 8, 9, 130],
  );
}
