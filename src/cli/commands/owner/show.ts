import { Command } from 'commander';
import {
  type Credential,
  credentialStatus,
  type OwnerSummary,
} from '../../../domain/credential/credential.js';
import type { StoreReader } from '../../../domain/ports/store-port.js';
import { shellWord } from '../../../domain/text/quote.js';
import { findOwner } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { factLines } from '../../render/lines.js';
import { paged } from '../../render/paged.js';
import { ownerView, timeOrNull } from '../../render/views.js';
import { reading } from '../../session.js';

/** Credentials of an owner that are named; the others are counted. */
const NAMED = 10;

/** `credctl owner show`. */
export function ownerShowCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .summary('show one owner')
    .description('Show one owner, the number of its credentials, and the first of them.')
    .argument('<name>', "the owner's name");
  addGlobalOptions(command).action((name: string) => runOwnerShow(host, globalOptions(command), name));
  return explain(
    command,
    [
      ['credctl owner show crm', 'for a person'],
      ['credctl list --owner crm', 'list the credentials of the owner'],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}

/** Prints an owner. */
async function runOwnerShow(host: Host, globals: GlobalOptions, name: string): Promise<void> {
  await paged(host, globals, (print) =>
    reading(host, globals, async (store) => {
      const owner = await findOwner(store, name);
      const view = ownerView(owner);
      if (globals.json) return host.out.write(jsonDocument({ owner: view }));
      if (host.out.isTerminal) return void (await print(await description(host, globals, store, owner)));
      const now = host.clock.now();
      const items = await firstCredentials(store, owner, now);
      const more = owner.credentials - items.length;
      host.out.write(
        factLines([
          ['name', view.name],
          ['kind', view.kind],
          ['status', view.status],
          ['credentials', String(view.credentials)],
          ['created', view.created_at],
          ...items.map((credential) => ['credential', inShort(credential, now)] as const),
          ...(more > 0
            ? [['and more', `${more}: credctl list --owner ${shellWord(owner.name)}`] as const]
            : []),
        ]),
      );
    }),
  );
}

async function firstCredentials(
  store: StoreReader,
  { id }: OwnerSummary,
  now: number,
): Promise<readonly Credential[]> {
  const { items } = await store.listCredentials({ now, sort: 'name', ownerId: id, limit: NAMED });
  return items;
}

function inShort(credential: Credential, now: number): string {
  const used = timeOrNull(credential.lastUsedAt) ?? 'never';
  return `${credential.name}, ${credential.type}, ${credentialStatus(credential, now)}, last used ${used}`;
}

async function description(
  host: Host,
  globals: GlobalOptions,
  store: StoreReader,
  owner: OwnerSummary,
): Promise<string> {
  const now = host.clock.now();
  const [{ describeOwner }, { styleFor }, items, catalog] = [
    await import('../../render/description/owner.js'),
    await import('../../render/style.js'),
    await firstCredentials(store, owner, now),
    await store.catalog(),
  ];
  const look = { now, columns: host.out.columns, style: styleFor(host, host.out, globals) };
  return describeOwner(owner, items, catalog, look);
}
