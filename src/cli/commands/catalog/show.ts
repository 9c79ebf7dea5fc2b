import { Command } from 'commander';
import { type Catalog, catalogToDocument } from '../../../domain/scope/catalog.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { preset } from '../../new-store.js';
import { jsonDocument } from '../../render/json.js';
import { type Print, paged } from '../../render/paged.js';
import { yamlText } from '../../render/yaml.js';
import { reading } from '../../session.js';

/** `credctl catalog show`. */
export function catalogShowCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .summary('print the catalog as YAML')
    .description('Print the catalog of the store, or a built-in catalog, as YAML. apply takes the same form.')
    .argument(
      '[preset]',
      "a built-in catalog, see 'credctl catalog presets' (default: the catalog of the store)",
    );
  addGlobalOptions(command).action((name?: string) => {
    const globals = globalOptions(command);
    const print = async (catalog: Catalog, page: Print): Promise<void> => {
      const document = catalogToDocument(catalog);
      if (globals.json) return host.out.write(jsonDocument({ catalog: document }));
      await page(await yamlText(document));
    };
    return paged(host, globals, (page) =>
      name === undefined
        ? reading(host, globals, async (store) => print(await store.catalog(), page))
        : print(preset(name), page),
    );
  });
  return explain(
    command,
    [
      ['credctl catalog show > catalog.yaml', 'a copy to edit'],
      ['credctl catalog show mparticle', 'a built-in catalog'],
      ["credctl catalog show --json | jq -r '.catalog.apis[].id'", 'the APIs, for a script'],
    ],
    [0, 2, 4, 8, 9],
  );
}
