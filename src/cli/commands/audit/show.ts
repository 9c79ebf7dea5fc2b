import { Command } from 'commander';
import { notFoundError } from '../../../domain/errors.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions, wholeNumber } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { eventChanges } from '../../render/event-changes.js';
import { jsonDocument } from '../../render/json.js';
import { factLines } from '../../render/lines.js';
import { eventView } from '../../render/views.js';
import { reading } from '../../session.js';

/** The largest number that is taken. */
const MOST = 10 ** 15 - 1;

/** `credctl audit show`. */
export function auditShowCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .summary('show one event with what it changed')
    .description('Show one event with what it changed.')
    .argument('<seq>', 'its number', wholeNumber('SEQ', 1, MOST));
  addGlobalOptions(command).action((seq: number) => runAuditShow(host, globalOptions(command), seq));
  return explain(
    command,
    [
      ['credctl audit show 2', 'who did it, when and why, and what was different then'],
      ["credctl audit show 2 --json | jq '.event.details'", 'the same for a script, with all details'],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}

/** Prints one event. */
export async function runAuditShow(host: Host, globals: GlobalOptions, seq: number): Promise<void> {
  await reading(host, globals, async (store) => {
    const page = await store.listAudit({ limit: 1, before: seq + 1 });
    const found = page.items.find(({ event }) => event.seq === seq);
    if (found === undefined) {
      throw notFoundError(`no event ${seq}`, "see 'credctl audit' for those that exist");
    }
    const event = eventView(found);
    if (globals.json) return host.out.write(jsonDocument({ event }));
    const { target, login, reason } = event;
    const facts: readonly (readonly [string, string | null])[] = [
      ['event', String(event.seq)],
      ['at', event.at],
      ['actor', event.actor],
      ['login', login],
      ['action', event.action],
      [target.kind, [target.name, target.id].filter((part) => part !== null).join(', ')],
      ['reason', reason],
      ...eventChanges(found.event.details),
      ['event hash', `${event.hash} (${event.alg})`],
    ];
    host.out.write(
      factLines(
        facts.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== ''),
      ),
    );
  });
}
