import { Command } from 'commander';
import { formatInstant } from '../../../domain/duration.js';
import { notFoundError } from '../../../domain/errors.js';
import type { RecordedEvent } from '../../../domain/ports/store-port.js';
import { exactAndRelative } from '../../../domain/text/relative-time.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions, wholeNumber } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { describeFacts } from '../../render/description/facts.js';
import { eventChanges } from '../../render/event-changes.js';
import { jsonDocument } from '../../render/json.js';
import { factLines } from '../../render/lines.js';
import { paged } from '../../render/paged.js';
import { eventView } from '../../render/views.js';
import { reading } from '../../session.js';

/** The largest number that is taken. */
const MOST = 10 ** 15 - 1;

/** `credctl audit show`. */
export function auditShowCommand({ host }: CommandContext): Command {
  const command = new Command('show')
    .summary('show one event and what it changed')
    .description('Show one event: who changed what, when and why.')
    .argument('<seq>', "the number of the event, see 'credctl audit'", wholeNumber('SEQ', 1, MOST));
  addGlobalOptions(command).action((seq: number) => runAuditShow(host, globalOptions(command), seq));
  return explain(
    command,
    [
      ['credctl audit show 2', 'show event 2'],
      ["credctl audit show 2 --json | jq '.event.details'", 'all details, for a script'],
    ],
    [0, 2, 3, 4, 8, 9],
  );
}

/** Prints one event. */
export async function runAuditShow(host: Host, globals: GlobalOptions, seq: number): Promise<void> {
  await paged(host, globals, (print) =>
    reading(host, globals, async (store) => {
      const page = await store.listAudit({ limit: 1, before: seq + 1 });
      const found = page.items.find(({ event }) => event.seq === seq);
      if (found === undefined) {
        throw notFoundError(`there is no event ${seq}`, "see 'credctl audit' for all events");
      }
      if (globals.json) return host.out.write(jsonDocument({ event: eventView(found) }));
      if (!host.out.isTerminal) return host.out.write(factLines(facts(found, formatInstant).flat()));
      const now = host.clock.now();
      const groups = facts(found, (at) => exactAndRelative(at, now));
      await print(
        describeFacts(
          groups.map((group) => group.map(([name, value]) => ({ name, value }))),
          host.out.columns,
        ),
      );
    }),
  );
}

/** What is known of an event: who did what and when, what it changed, its hash. */
function facts(
  recorded: RecordedEvent,
  time: (at: number) => string,
): readonly (readonly (readonly [name: string, value: string])[])[] {
  const { seq, actor, login, action, target, reason, alg, hash } = eventView(recorded);
  const { at, details } = recorded.event;
  const groups: readonly (readonly (readonly [string, string | null])[])[] = [
    [
      ['event', String(seq)],
      ['at', time(at)],
      ['actor', actor],
      ['login', login],
      ['action', action],
      [target.kind, [target.name, target.id].filter((part) => part !== null).join(', ')],
      ['reason', reason],
    ],
    eventChanges(details),
    [['event hash', `${hash} (${alg})`]],
  ];
  return groups.map((group) =>
    group.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== ''),
  );
}
