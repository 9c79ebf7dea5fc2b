import { Command, Option } from 'commander';
import type { LeakQuery } from '../../../domain/leak/leak.js';
import type { StoreReader } from '../../../domain/ports/store-port.js';
import { listLeaks } from '../../../usecases/leak/list-leaks.js';
import type { CommandContext } from '../../command-context.js';
import {
  addGlobalOptions,
  type GlobalOptions,
  globalOptions,
  isGiven,
  wholeNumber,
} from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { type Emptiness, noteNothingFound } from '../../render/nothing-found.js';
import { noteCursor, showListing } from '../../render/pages.js';
import { printDelimited, type TableFormat, tableFormat, tableFormatOption } from '../../render/rows.js';
import { reading } from '../../session.js';
import { CLOSED, exactLeakRow, LEAK_COLUMNS, leakRowForPeople, leakView } from './leak-rows.js';

/** Flags of `credctl leaks list`. */
export interface LeaksListOptions {
  readonly all?: boolean;
  readonly limit: number;
  readonly cursor?: string;
  readonly format?: TableFormat;
}

/** Maximum number of leaks of a page. */
const MOST = 1_000;

/** `credctl leaks list`. */
export function leaksListCommand({ host }: CommandContext): Command {
  const command = new Command('list')
    .summary('list leaks that are not dealt with, the last found first')
    .description(
      'List the leaks that are not dealt with, the last found first, and whether each secret still works. A terminal shows all of them, in a pager if they are longer than the screen. A pipe, and --limit or --cursor, get one page.',
    )
    .option('--all', 'closed leaks too')
    .addOption(
      new Option('--limit <number>', 'leaks on a page, at most 1000')
        .argParser(wholeNumber('--limit', 1, MOST))
        .default(50),
    )
    .option('--cursor <cursor>', 'continue after the previous page: its next_cursor')
    .addOption(tableFormatOption());
  addGlobalOptions(command).action((options: LeaksListOptions) =>
    runLeaksList(host, globalOptions(command), options, !isGiven(command, 'limit', 'cursor')),
  );
  return explain(
    command,
    [
      ['credctl leaks', 'which secrets have leaked, and do they still work?'],
      ["credctl leaks --json | jq '.leaks[] | select(.live)'", 'the live ones, for a script'],
    ],
    [0, 2, 4, 8, 9],
  );
}

/**
 * Prints leaks.
 *
 * @param isWhole whether a terminal gets all pages
 */
export async function runLeaksList(
  host: Host,
  globals: GlobalOptions,
  { all = false, limit, cursor, format: asked }: LeaksListOptions,
  isWhole: boolean,
): Promise<void> {
  const format = tableFormat(host, globals, asked);
  const now = host.clock.now();
  const query: LeakQuery = { withClosed: all, limit, ...(cursor === undefined ? {} : { cursor }) };
  const columns = all ? [...LEAK_COLUMNS, CLOSED] : LEAK_COLUMNS;
  const shown = (row: readonly string[]) => row.slice(0, columns.length);
  if (format === 'table' && !globals.json) {
    return showListing(host, globals, isWhole && host.out.isTerminal, async (store) => ({
      first: await listLeaks(store, query, now),
      next: (after) => listLeaks(store, { ...query, limit: MOST, cursor: after }, now),
      columns,
      row: (leaked) => shown(leakRowForPeople(leaked, now)),
      nothing: () => noLeaks(store, query),
    }));
  }
  await reading(host, globals, async (store) => {
    const page = await listLeaks(store, query, now);
    if (globals.json) {
      host.out.write(jsonDocument({ leaks: page.items.map(leakView), next_cursor: page.nextCursor }));
      return;
    }
    if (format === 'table') return;
    printDelimited(
      host,
      format,
      columns,
      page.items.map((leaked) => shown(exactLeakRow(leaked))),
    );
    if (page.items.length === 0) noteNothingFound(host, globals, format, await noLeaks(store, query));
    noteCursor(host, globals, page);
  });
}

/** Why the listing is empty. */
async function noLeaks(store: StoreReader, { withClosed, cursor }: LeakQuery): Promise<Emptiness> {
  if (cursor !== undefined) return { text: 'no leaks after this cursor', isFiltered: true };
  const { items } = withClosed ? { items: [] } : await store.listLeaks({ withClosed: true, limit: 1 });
  return items.length === 0
    ? { text: 'no leaks', isFiltered: false }
    : { text: 'no open leaks; --all lists the closed ones', isFiltered: true };
}
