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
    .summary('say all that is wrong with a catalog, with its lines')
    .description(
      "Say all that is wrong with a catalog, each with its line. No store is looked at: 'credctl catalog apply --dry-run' says what it would change there.",
    )
    .argument('<file>', 'a YAML document; - for standard input');
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
      ['credctl catalog check catalog.yaml', 'is it one?'],
      [
        'credctl catalog check catalog.yaml --json | jq .catalog',
        'with every default written out, for a script',
      ],
    ],
    [0, 2, 3],
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
