import { Command } from 'commander';
import {
  type Catalog,
  catalogToDocument,
  RESOURCE_LEVELS,
  resourcesAt,
} from '../../../domain/scope/catalog.js';
import { quote } from '../../../domain/text/quote.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { jsonDocument } from '../../render/json.js';
import { readCatalogFile } from './file.js';

/** `credctl catalog check`. */
export function catalogCheckCommand({ host }: CommandContext): Command {
  const command = new Command('check')
    .summary('list every mistake in a catalog, with its line')
    .description(
      "List every mistake in a catalog, with its line. No store is read; 'credctl catalog apply --dry-run' shows what the catalog would change in a store.",
    )
    .argument('<file>', 'a YAML file, or - for standard input');
  addGlobalOptions(command).action(async (file: string) => {
    const globals = globalOptions(command);
    const catalog = await readCatalogFile(host, file);
    if (globals.json) {
      host.out.write(jsonDocument({ valid: true, catalog: catalogToDocument(catalog) }));
    } else if (!globals.quiet) {
      host.out.write(`${file === '-' ? 'standard input' : quote(file)} is a catalog: ${contents(catalog)}\n`);
    }
  });
  return explain(
    command,
    [
      ['credctl catalog check catalog.yaml', 'is the catalog valid?'],
      [
        'credctl catalog check catalog.yaml --json | jq .catalog',
        'print it with every default, for a script',
      ],
    ],
    [[0, 'the catalog is valid'], [2, 'usage: the catalog has mistakes, or an argument is wrong'], 3],
  );
}

function contents(catalog: Catalog): string {
  const permissions = catalog.apis.flatMap((api) => api.permissions).length;
  const resources = RESOURCE_LEVELS.flatMap((level) => resourcesAt(catalog, level)).length;
  return [
    counted(catalog.apis.length, 'API'),
    counted(permissions, 'permission'),
    counted(resources, 'resource'),
  ].join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
