import { Command, Option } from 'commander';
import { AUDIT_ACTIONS, type AuditAction } from '../../../domain/audit-event.js';
import { parseDuration, parseInstant } from '../../../domain/duration.js';
import { usageError } from '../../../domain/errors.js';
import type { AuditQuery } from '../../../domain/ports/store-port.js';
import { refuseSecret } from '../../../domain/secret/secret-as-argument.js';
import { quote } from '../../../domain/text/quote.js';
import type { CommandContext } from '../../command-context.js';
import {
  addGlobalOptions,
  type GlobalOptions,
  globalOptions,
  oneOf,
  wholeNumber,
} from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { changeLine } from '../../render/event-changes.js';
import { jsonDocument } from '../../render/json.js';
import { noEvents, noteNothingFound } from '../../render/nothing-found.js';
import { printRows, type TableFormat, tableFormat, tableFormatOption } from '../../render/rows.js';
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

const COLUMNS = [
  { title: 'SEQ', importance: 3, least: 3 },
  { title: 'AT', importance: 1, least: 24 },
  { title: 'ACTOR', importance: 2, least: 10 },
  { title: 'ACTION', importance: 0, least: 17 },
  { title: 'TARGET', importance: 1, least: 10 },
  { title: 'REASON', importance: 4, least: 8 },
  { title: 'CHANGE', importance: 5, least: 12 },
] as const;

/** Shown for databases only, which have logins. */
const LOGIN = { title: 'LOGIN', importance: 3, least: 6 } as const;

/** `credctl audit list`. */
export function auditListCommand({ host }: CommandContext): Command {
  const command = new Command('list')
    .summary('show events, newest first')
    .description('Show events, newest first, one page at a time.')
    .option(
      '--target <name>',
      'about this credential or owner, by name, id, client id or handle; also of what was deleted',
    )
    .addOption(new Option('--action <action>', 'of this kind').argParser(oneOf('--action', AUDIT_ACTIONS)))
    .option('--since <time>', 'since this time (RFC 3339), or for this long, such as 7d')
    .addOption(
      new Option('--limit <number>', 'how many, at most 1000')
        .argParser(wholeNumber('--limit', 1, 1_000))
        .default(50),
    )
    .option('--cursor <cursor>', 'where the page before ended')
    .addOption(tableFormatOption());
  addGlobalOptions(command).action((options: AuditListOptions) =>
    runAuditList(host, globalOptions(command), options),
  );
  return explain(
    command,
    [
      ['credctl audit --target ci-bot --since 30d', 'what happened to it this month'],
      ['credctl audit --action credential.delete --json', 'who deleted what, for a script'],
    ],
    [0, 2, 4, 8, 9],
  );
}

/** Prints one page of events. */
export async function runAuditList(
  host: Host,
  globals: GlobalOptions,
  options: AuditListOptions,
): Promise<void> {
  const format = tableFormat(host, globals, options.format);
  refuseSecret(options.target);
  const before = options.cursor === undefined ? undefined : parseCursor(options.cursor);
  const since = options.since === undefined ? undefined : parseSince(options.since, host.clock.now());
  await reading(host, globals, async (store) => {
    const query: AuditQuery = {
      limit: options.limit,
      ...(options.target === undefined ? {} : { target: options.target }),
      ...(options.action === undefined ? {} : { action: options.action }),
      ...(since === undefined ? {} : { since }),
      ...(before === undefined ? {} : { before }),
    };
    const page = await store.listAudit(query);
    const events = page.items.map(eventView);
    if (globals.json) return host.out.write(jsonDocument({ events, next_cursor: page.nextCursor }));
    const logins = events.some(({ login }) => login !== null);
    const rows = events.map((event, index) => [
      String(event.seq),
      event.at,
      event.actor,
      event.action,
      event.target.name ?? event.target.kind,
      event.reason ?? '',
      changeLine(page.items[index]?.event.details ?? {}),
      ...(logins ? [event.login ?? ''] : []),
    ]);
    if (rows.length > 0 || format !== 'table') {
      await printRows(host, globals, logins ? [...COLUMNS, LOGIN] : COLUMNS, rows, '', format);
    }
    if (rows.length === 0) noteNothingFound(host, globals, format, await noEvents(store, query));
    if (page.nextCursor !== null) note(host, globals, `more: add --cursor ${page.nextCursor}`);
  });
}

function parseSince(text: string, now: number): number {
  return /^\d+[a-z]$/i.test(text) ? now - parseDuration(text).ms : parseInstant(text);
}

function parseCursor(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw usageError(`${quote(text)} is no cursor of this listing`, 'pass the next_cursor of the page before');
}
