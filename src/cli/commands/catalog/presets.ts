import { Command } from 'commander';
import { PRESETS } from '../../../domain/scope/presets.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { jsonDocument } from '../../render/json.js';
import { printRows } from '../../render/rows.js';

const COLUMNS = [
  { title: 'NAME', importance: 0, least: 10 },
  { title: 'APIS', importance: 1, least: 20 },
] as const;

/** `credctl catalog presets`. */
export function catalogPresetsCommand({ host }: CommandContext): Command {
  const command = new Command('presets')
    .summary('list the built-in catalogs')
    .description(
      'List the built-in catalogs. They are descriptions only: credctl does not contact these APIs.',
    );
  addGlobalOptions(command).action(async () => {
    const globals = globalOptions(command);
    const presets = [...PRESETS].map(([name, catalog]) => ({
      name,
      apis: catalog.apis.map((api) => api.id),
    }));
    if (globals.json) return host.out.write(jsonDocument({ presets }));
    const rows = presets.map((preset) => [preset.name, preset.apis.join(',')]);
    await printRows(host, globals, COLUMNS, rows, '');
  });
  return explain(
    command,
    [
      ['credctl catalog presets', 'list them'],
      ['credctl catalog use mparticle', 'use one of them'],
    ],
    [0, 2],
  );
}
