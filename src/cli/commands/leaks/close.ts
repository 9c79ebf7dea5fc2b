import { Command } from 'commander';
import { formatInstant } from '../../../domain/duration.js';
import { usageError } from '../../../domain/errors.js';
import { shellCommand, shellWord } from '../../../domain/text/quote.js';
import { type ClosedLeak, closeLeak } from '../../../usecases/leak/close-leak.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions, wholeNumber } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { changing, note } from '../../session.js';
import { describeLeaked, leakView } from './leak-rows.js';

/** The largest number that a leak can have. */
const MOST = 2_147_483_647;

/** `credctl leaks close`. */
export function leaksCloseCommand({ host }: CommandContext): Command {
  const command = new Command('close')
    .summary('close a leak that was dealt with')
    .description(
      'Close a leak that was dealt with. --reason, which is required, says how; the audit trail keeps it. Closing stops no secret: use rotate --now, deactivate or delete for that.',
    )
    .argument('<id>', "the number of the leak, see 'credctl leaks'", wholeNumber('ID', 1, MOST));
  addGlobalOptions(command).action((id: number) => runLeaksClose(host, globalOptions(command), id));
  return explain(
    command,
    [
      ['credctl leaks close 1 --reason "rotated, and the file is gone from history"', 'it was dealt with'],
      ['credctl leaks close 2 --reason "an example in the docs, revoked since 2024"', 'it is harmless'],
    ],
    [0, 2, [3, 'not_found: no leak has this number'], 4, 8, 9],
  );
}

/** Closes one leak. */
export async function runLeaksClose(host: Host, globals: GlobalOptions, id: number): Promise<void> {
  const { reason } = globals;
  if (reason === undefined) {
    throw usageError(
      'leaks close needs a reason',
      `say what was done: credctl leaks close ${id} --reason 'rotated, and removed from history'`,
    );
  }
  await changing(host, globals, async (deps) => {
    const closed = await closeLeak({ ...deps, author: { ...deps.author, reason } }, id);
    if (globals.json) {
      host.out.write(jsonDocument({ leak: leakView(closed.leaked), changed: closed.changed }));
    }
    for (const line of outcome(closed)) note(host, globals, line);
  });
}

function outcome({ leaked, changed }: ClosedLeak): readonly string[] {
  const { leak, isLive, credential } = leaked;
  const lines = changed
    ? [`closed leak ${leak.id}: ${describeLeaked(leaked)}`]
    : [`leak ${leak.id} was closed ${formatInstant(leak.closedAt ?? 0)} already`];
  if (isLive !== true || credential === null) return lines;
  const rotate = shellCommand(`credctl rotate ${shellWord(credential.name ?? credential.id)} --now`);
  return [...lines, `note: the secret still works; ${rotate} ends it`];
}
