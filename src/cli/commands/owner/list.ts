import { Command } from 'commander';
import { formatInstant } from '../../../domain/duration.js';
import { relativeTime } from '../../../domain/text/relative-time.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { type Column, NEVER_CUT } from '../../render/cells/column.js';
import { jsonDocument } from '../../render/json.js';
import { printRows, type TableFormat, tableFormat, tableFormatOption } from '../../render/rows.js';
import { STATUS } from '../../render/status.js';
import { ownerView } from '../../render/views.js';
import { reading } from '../../session.js';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', importance: 0, least: 10, isName: true },
  { title: 'KIND', importance: 2, least: 7 },
  STATUS,
  { title: 'CREDENTIALS', importance: 3, least: 11 },
  { title: 'CREATED', importance: 4, least: NEVER_CUT },
];

/** `credctl owner list`. */
export function ownerListCommand({ host }: CommandContext): Command {
  const command = new Command('list').summary('list owners').description('List owners, sorted by name.');
  command.addOption(tableFormatOption());
  addGlobalOptions(command).action((options: { readonly format?: TableFormat }) => {
    const globals = globalOptions(command);
    const format = tableFormat(host, globals, options.format);
    return reading(host, globals, async (store) => {
      const owners = await store.listOwners();
      if (globals.json) return host.out.write(jsonDocument({ owners: owners.map(ownerView) }));
      const now = host.clock.now();
      const rows = owners.map((owner) => [
        owner.name,
        owner.kind,
        owner.status,
        String(owner.credentials),
        host.out.isTerminal ? relativeTime(owner.createdAt, now) : formatInstant(owner.createdAt),
      ]);
      const whenEmpty = "no owners; create one with 'credctl owner create'";
      await printRows(host, globals, COLUMNS, rows, whenEmpty, format);
    });
  });
  return explain(
    command,
    [
      ['credctl owner list', 'for a person'],
      ['credctl owner list --json', 'for a script'],
    ],
    [0, 2, 4, 8, 9],
  );
}
