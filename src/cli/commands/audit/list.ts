import { Command, Option } from 'commander';
import { AUDIT_ACTIONS, type AuditAction } from '../../../domain/audit-event.js';
import { formatInstant, parseDuration, parseInstant } from '../../../domain/duration.js';
import { usageError } from '../../../domain/errors.js';
import type { AuditQuery, Page, RecordedEvent, StoreReader } from '../../../domain/ports/store-port.js';
import { refuseSecret } from '../../../domain/secret/secret-as-argument.js';
import { quote, shellWord } from '../../../domain/text/quote.js';
import { relativeTime } from '../../../domain/text/relative-time.js';
import type { CommandContext } from '../../command-context.js';
import { refuseTwice } from '../../flags/exclusive.js';
import {
  addGlobalOptions,
  type GlobalOptions,
  globalOptions,
  isGiven,
  oneOf,
  wholeNumber,
} from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { type Column, NEVER_CUT } from '../../render/cells/column.js';
import { changeLine } from '../../render/event-changes.js';
import { jsonDocument } from '../../render/json.js';
import { noEvents, noteNothingFound } from '../../render/nothing-found.js';
import { noteCursor, showListing } from '../../render/pages.js';
import { printDelimited, type TableFormat, tableFormat, tableFormatOption } from '../../render/rows.js';
import { eventView } from '../../render/views.js';
import { note, reading } from '../../session.js';

/** Flags of `credctl audit list`. */
export interface AuditListOptions {
  readonly target?: string;
  readonly action?: AuditAction;
  readonly since?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly format?: TableFormat;
}

const COLUMNS: readonly Column[] = [
  { title: 'SEQ', importance: 0, least: 3 },
  { title: 'AT', importance: 1, least: NEVER_CUT },
  { title: 'ACTOR', importance: 4, least: 10 },
  { title: 'ACTION', importance: 0, least: 17 },
  { title: 'TARGET', importance: 1, least: 16 },
  { title: 'REASON', importance: 5, least: 8 },
  { title: 'CHANGE', importance: 3, least: 12 },
];

/** Shown for databases only, which have logins. */
const LOGIN: Column = { title: 'LOGIN', importance: 3, least: 6 };

/** Maximum number of events of a page. */
const MOST = 1_000;

/** `credctl audit list`. */
export function auditListCommand({ host }: CommandContext): Command {
  const command = new Command('list')
    .summary('show events, newest first')
    .description(
      'Show events, newest first. A terminal shows all of them, in a pager if they are longer than the screen. A pipe, and --limit or --cursor, get one page.',
    )
    .option(
      '--target <name>',
      'events of this credential or owner: name, id, client id or handle; also of a deleted one',
    )
    .addOption(
      new Option('--action <action>', 'events of this kind, such as credential.rotate').argParser(
        oneOf('--action', AUDIT_ACTIONS),
      ),
    )
    .option(
      '--since <time>',
      'events since this time (RFC 3339), or of the last 7d (a duration: number and s, m, h, d or w)',
    )
    .addOption(
      new Option('--limit <number>', 'events on a page, at most 1000')
        .argParser(wholeNumber('--limit', 1, MOST))
        .default(50),
    )
    .option('--cursor <cursor>', 'continue after the previous page: its next_cursor')
    .addOption(tableFormatOption());
  refuseTwice(command, 'target', 'action', 'since');
  addGlobalOptions(command).action((options: AuditListOptions) =>
    runAuditList(host, globalOptions(command), options, !isGiven(command, 'limit', 'cursor')),
  );
  return explain(
    command,
    [
      ['credctl audit --target ci-bot --since 30d', 'what happened to ci-bot in the last 30 days?'],
      ['credctl audit --action credential.delete --json', 'who deleted which credential? for a script'],
    ],
    [0, 2, 4, 8, 9],
  );
}

/**
 * Prints one page of events.
 *
 * @param isWhole whether a terminal gets all pages
 */
export async function runAuditList(
  host: Host,
  globals: GlobalOptions,
  options: AuditListOptions,
  isWhole: boolean,
): Promise<void> {
  const format = tableFormat(host, globals, options.format);
  refuseSecret(options.target);
  const now = host.clock.now();
  const query = toQuery(options, now);
  if (globals.json) return printDocument(host, globals, query);
  if (format === 'table') {
    let former: readonly string[] = [];
    await showListing(host, globals, isWhole && host.out.isTerminal, async (store) => {
      const first = await store.listAudit(query);
      former = await formerOf(store, query);
      return {
        first,
        next: (cursor) => store.listAudit({ ...query, limit: MOST, before: Number(cursor) }),
        columns: columnsFor(first),
        row: (recorded) => eventRow(recorded, (at) => relativeTime(at, now)),
        nothing: () => noEvents(store, query),
      };
    });
    return noteFormer(host, globals, query, former);
  }
  await reading(host, globals, async (store) => {
    const page = await store.listAudit(query);
    const columns = columnsFor(page);
    const rows = page.items.map((recorded) => eventRow(recorded, formatInstant).slice(0, columns.length));
    printDelimited(host, format, columns, rows);
    if (rows.length === 0) noteNothingFound(host, globals, format, await noEvents(store, query));
    noteCursor(host, globals, page);
    noteFormer(host, globals, query, await formerOf(store, query));
  });
}

/** What had the name of the target before, which the listing does not tell of; looked up once, for the first page. */
async function formerOf(store: StoreReader, { target, before }: AuditQuery): Promise<readonly string[]> {
  return target === undefined || before !== undefined ? [] : store.formerHolders(target);
}

function noteFormer(
  host: Host,
  globals: GlobalOptions,
  { target = '' }: AuditQuery,
  former: readonly string[],
): void {
  const [last] = former;
  if (last === undefined) return;
  const others = former.length === 1 ? '' : `, the last of ${former.length}`;
  note(
    host,
    globals,
    `note: an earlier ${shellWord(target)} was deleted${others}; what happened to it: credctl audit --target ${shellWord(last)}`,
  );
}

async function printDocument(host: Host, globals: GlobalOptions, query: AuditQuery): Promise<void> {
  await reading(host, globals, async (store) => {
    const page = await store.listAudit(query);
    host.out.write(jsonDocument({ events: page.items.map(eventView), next_cursor: page.nextCursor }));
  });
}

function toQuery({ target, action, since, limit, cursor }: AuditListOptions, now: number): AuditQuery {
  return {
    limit,
    ...(cursor === undefined ? {} : { before: parseCursor(cursor) }),
    ...(since === undefined ? {} : { since: parseSince(since, now) }),
    ...(target === undefined ? {} : { target }),
    ...(action === undefined ? {} : { action }),
  };
}

function columnsFor({ items }: Page<RecordedEvent>): readonly Column[] {
  return items.some(({ event }) => event.login !== undefined) ? [...COLUMNS, LOGIN] : COLUMNS;
}

/** The cells of {@link COLUMNS} and {@link LOGIN}. */
function eventRow({ event }: RecordedEvent, time: (at: number) => string): readonly string[] {
  return [
    String(event.seq),
    time(event.at),
    event.actor,
    event.action,
    event.target.name ?? event.target.kind,
    event.reason ?? '',
    changeLine(event.details),
    event.login ?? '',
  ];
}

function parseSince(text: string, now: number): number {
  return /^\d+[a-z]$/i.test(text) ? now - parseDuration(text).ms : parseInstant(text);
}

function parseCursor(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw usageError(
    `${quote(text)} is not a cursor of this list`,
    'pass the next_cursor of the previous page',
  );
}
