import { Command } from 'commander';
import { catalogToDocument } from '../../../domain/scope/catalog.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { jsonDocument } from '../../render/json.js';
import { yamlText } from '../../render/yaml.js';
import { reading } from '../../session.js';

/** `credctl catalog show`. */
export function catalogShowCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .summary('print the catalog as YAML')
    .description('Print the catalog as YAML, in the form that apply takes.');
  addGlobalOptions(command).action(() => {
    const globals = globalOptions(command);
    return reading(host, globals, async (store) => {
      const document = catalogToDocument(await store.catalog());
      if (globals.json) return host.out.write(jsonDocument({ catalog: document }));
      host.out.write(await yamlText(document));
    });
  });
  return explain(
    command,
    [
      ['credctl catalog show > catalog.yaml', 'a copy to edit'],
      ["credctl catalog show --json | jq -r '.catalog.apis[].id'", 'the APIs, for a script'],
    ],
    [0, 2, 4, 8, 9],
  );
}
