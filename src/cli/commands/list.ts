import { Command, Option } from 'commander';
import type { CredentialStatus } from '../../domain/credential/credential.js';
import type { Duration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import {
  CREDENTIAL_SORTS,
  type CredentialQuery,
  type CredentialSort,
  type Store,
} from '../../domain/ports/store-port.js';
import { CREDENTIAL_TYPES, type CredentialType } from '../../domain/scope/catalog.js';
import { parseRequirement } from '../../domain/scope/scope.js';
import { refuseSecret } from '../../domain/secret/secret-as-argument.js';
import { parseLabel } from '../../domain/text/name.js';
import { findOwner } from '../../usecases/owner.js';
import type { CommandContext } from '../command-context.js';
import { refuseTwice } from '../flags/exclusive.js';
import {
  addGlobalOptions,
  type ChoiceParser,
  duration,
  durationOrZero,
  type GlobalOptions,
  globalOptions,
  isGiven,
  oneOf,
  wholeNumber,
} from '../flags/global.js';
import { explain } from '../help.js';
import type { Host } from '../host/host.js';
import { CREDENTIAL_COLUMNS, exactRow, rowForPeople } from '../render/credential-table.js';
import { jsonDocument } from '../render/json.js';
import { noCredentials, noteNothingFound } from '../render/nothing-found.js';
import { noteCursor, showListing } from '../render/pages.js';
import { printDelimited, type TableFormat, tableFormat, tableFormatOption } from '../render/rows.js';
import { credentialView } from '../render/views.js';
import { reading } from '../session.js';

/** Maximum number of credentials of a page. */
const MOST = 1_000;

/** Values of `--status`, spelled as flags are. */
const STATUSES = ['active', 'inactive', 'owner-inactive', 'expired', 'canary'] as const;

/** Flags of `credctl list`. */
export interface ListOptions {
  readonly type?: CredentialType;
  readonly status?: CredentialStatus;
  readonly api?: string;
  readonly scope?: string;
  readonly can?: string;
  readonly owner?: string;
  readonly label?: string;
  readonly due?: true;
  readonly expiring?: true;
  readonly within?: Duration;
  readonly unusedFor?: Duration;
  readonly search?: string;
  /** Absent where it was not asked for. */
  readonly sort?: CredentialSort;
  readonly format?: TableFormat;
  readonly limit: number;
  readonly cursor?: string;
}

/** `credctl list`. */
export function listCommand({ host }: CommandContext): Command {
  const command = new Command('list')
    .description(
      'List credentials. A terminal shows all of them, in a pager if they are longer than the screen. A pipe, and --limit or --cursor, get one page.',
    )
    .addOption(
      new Option('--type <type>', 'credentials of this type: oauth2 or api-key').argParser(
        oneOf('--type', CREDENTIAL_TYPES),
      ),
    )
    .addOption(
      new Option('--status <status>', `credentials in this state: ${STATUSES.join(', ')}`).argParser(
        statusParser(),
      ),
    )
    .option('--api <api>', 'credentials with any scope of this API')
    .option('--scope <scope>', 'credentials with exactly this scope')
    .option('--can <scope>', 'credentials that may do this, also by a wider scope: data:users matches data:*')
    .option('--owner <owner>', 'credentials of this owner')
    .option('--label <key=value>', 'credentials with this label')
    .option(
      '--due',
      'credentials whose --rotate-every period has passed; active ones, unless --status is given',
    )
    .option(
      '--expiring',
      'credentials that expire within 30 days (see --within) or did so in the last 30, soonest first',
    )
    .addOption(
      new Option(
        '--within <duration>',
        'with --due (default: 0, due now) or --expiring (default: 30d): look this far ahead',
      ).argParser(durationOrZero),
    )
    .addOption(
      new Option(
        '--unused-for <duration>',
        'credentials not used for this long; a new one counts from its creation',
      ).argParser(duration),
    )
    .option('--search <text>', 'credentials with this text in the name or description, or with this handle')
    .addOption(
      new Option(
        '--sort <order>',
        `order: ${CREDENTIAL_SORTS.join(', ')}; --expiring always sorts by expires`,
      )
        .argParser(oneOf('--sort', CREDENTIAL_SORTS))
        .default('name'),
    )
    .addOption(tableFormatOption())
    .addOption(
      new Option('--limit <number>', 'credentials on a page, at most 1000')
        .argParser(wholeNumber('--limit', 1, MOST))
        .default(50),
    )
    .option('--cursor <cursor>', 'continue after the previous page: its next_cursor');
  refuseTwice(command, 'type', 'status', 'api', 'scope', 'can', 'owner', 'label', 'unused-for', 'search');
  addGlobalOptions(command).action(({ sort, ...options }: ListOptions) => {
    const isAsked = command.getOptionValueSource('sort') !== 'default';
    const isWhole = !isGiven(command, 'limit', 'cursor');
    return runList(host, globalOptions(command), isAsked && sort ? { ...options, sort } : options, isWhole);
  });
  return explain(
    command,
    [
      ['credctl list --status active --owner crm', 'the active credentials of one owner'],
      [
        'credctl list --expiring --within 14d',
        'what expires in the next two weeks, and what has expired recently',
      ],
      ['credctl list --can data:users', 'credentials that may read users, also by data:*'],
      ['credctl list --unused-for 90d --json', 'credentials not used for 90 days, for a script'],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}

/** Parser of `--status`, which takes the spelling of JSON as well. */
function statusParser(): ChoiceParser<CredentialStatus> {
  const parse = oneOf('--status', STATUSES);
  return Object.assign(
    (text: string) => {
      const word = parse(text === 'owner_inactive' ? 'owner-inactive' : text);
      return word === 'owner-inactive' ? 'owner_inactive' : word;
    },
    { choices: STATUSES },
  );
}

/**
 * Prints one page of credentials.
 *
 * @param isWhole whether a terminal gets all pages
 */
export async function runList(
  host: Host,
  globals: GlobalOptions,
  options: ListOptions,
  isWhole: boolean,
): Promise<void> {
  const format = tableFormat(host, globals, options.format);
  if (globals.json) return printDocument(host, globals, options);
  if (format === 'table') {
    return showListing(host, globals, isWhole && host.out.isTerminal, async (store) => {
      const now = host.clock.now();
      const query = await toQuery(store, options, now);
      const first = await store.listCredentials(query);
      const catalog = await store.catalog();
      return {
        first,
        next: (cursor) => store.listCredentials({ ...query, limit: MOST, cursor }),
        columns: CREDENTIAL_COLUMNS,
        row: (credential) => rowForPeople(credential, catalog, now),
        nothing: () => noCredentials(store, query),
      };
    });
  }
  await reading(host, globals, async (store) => {
    const now = host.clock.now();
    const query = await toQuery(store, options, now);
    const page = await store.listCredentials(query);
    const rows = page.items.map((credential) => exactRow(credential, now));
    printDelimited(host, format, CREDENTIAL_COLUMNS, rows);
    if (rows.length === 0) noteNothingFound(host, globals, format, await noCredentials(store, query));
    noteCursor(host, globals, page);
  });
}

async function printDocument(host: Host, globals: GlobalOptions, options: ListOptions): Promise<void> {
  await reading(host, globals, async (store) => {
    const now = host.clock.now();
    const page = await store.listCredentials(await toQuery(store, options, now));
    const { prefix } = await store.settings();
    host.out.write(
      jsonDocument({
        credentials: page.items.map((credential) => credentialView(credential, prefix, now)),
        next_cursor: page.nextCursor,
      }),
    );
  });
}

async function toQuery(store: Store, options: ListOptions, now: number): Promise<CredentialQuery> {
  if (options.within !== undefined && options.due !== true && options.expiring !== true) {
    throw usageError('--within works only with --due or --expiring', 'add one of them');
  }
  refuseSecret(options.search);
  const owner = options.owner === undefined ? undefined : await findOwner(store, options.owner);
  if (options.scope !== undefined) parseRequirement(await store.catalog(), options.scope);
  return {
    now,
    sort: orderOf(options),
    limit: options.limit,
    ...(options.type === undefined ? {} : { type: options.type }),
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.api === undefined ? {} : { api: options.api }),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
    ...(options.can === undefined ? {} : { can: options.can }),
    ...(owner === undefined ? {} : { ownerId: owner.id }),
    ...(options.label === undefined ? {} : { label: parseLabel(options.label) }),
    ...(options.due === true ? { dueBy: now + (options.within?.ms ?? 0) } : {}),
    ...(options.expiring === true
      ? { expiresFrom: now - LATELY_MS, expiresBy: now + (options.within?.ms ?? SOON_MS) }
      : {}),
    ...(options.unusedFor === undefined ? {} : { unusedSince: now - options.unusedFor.ms }),
    ...(options.search === undefined ? {} : { search: options.search }),
    ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
  };
}

/** Spans of `--expiring`: what has ended, and what ends, where `--within` does not say. */
const LATELY_MS = 30 * 86_400_000;
const SOON_MS = 30 * 86_400_000;

function orderOf({ expiring, sort }: ListOptions): CredentialSort {
  if (expiring !== true) return sort ?? 'name';
  if (sort === undefined || sort === 'expires') return 'expires';
  throw usageError('--expiring always sorts by expiry', `leave out --sort ${sort}`);
}
