import { Command } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { counted } from '../../../domain/text/counted.js';
import { type Copied, copyStore } from '../../../usecases/store/copy-store.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { refusePassword } from '../../host/places.js';
import { jsonDocument } from '../../render/json.js';
import { clockPolicy, maintenance, note } from '../../session.js';
import { migrateFirst } from './migrate-first.js';

/** `credctl store copy`. */
export function storeCopyCommand({ host }: CommandContext): Command {
  const command = new Command('copy')
    .summary('copy the store to another file or database')
    .description(
      `Copy the whole store, as it is at one moment, to a new file or to a database without a store. \
The copy is compared with the store before it can be used, and is independent, with its own id. If the \
command is cut off, run it again: it continues.`,
    )
    .requiredOption('--to <url>', 'the destination: a path, sqlite:PATH or postgres://USER@HOST/DB');
  addGlobalOptions(command).action(async ({ to }: { readonly to: string }) => {
    const globals = globalOptions(command);
    if (to === '') throw usageError('copy needs a destination', 'add --to URL');
    refusePassword(to, '--to');
    report(host, globals, await copy(host, globals, to));
  });
  return explain(
    command,
    [
      ['credctl store copy --to postgres://admin@db.example.org/team', 'from a file to a database'],
      [
        'credctl store copy --to ./team.db --store postgres://admin@db.example.org/team',
        'from a database into a file',
      ],
    ],
    [0, 2, 4, [5, 'conflict: the destination has a store already'], 8, 9],
  );
}

async function copy(host: Host, globals: GlobalOptions, to: string): Promise<Copied> {
  const work = await maintenance(host, globals);
  const target = await work.copyTarget(to, host.workingDirectory);
  try {
    await migrateFirst(host, globals);
    const source = await work.copySource();
    try {
      const deps = {
        clock: host.clock,
        random: host.random,
        processes: host.processes,
        author: { actor: host.actor, reason: globals.reason ?? null },
        ...clockPolicy(host, globals, source.store),
        watch: work.watch,
      };
      return await copyStore(deps, source, target);
    } finally {
      await source.close();
    }
  } finally {
    await target.close();
  }
}

function report(host: Host, globals: GlobalOptions, copied: Copied): void {
  if (globals.json) {
    host.out.write(
      jsonDocument({
        copy: {
          to: maskSecrets(copied.to),
          engine: copied.engine,
          store_id: copied.storeId,
          credentials: copied.credentials,
          rows: copied.rows,
          events: copied.events,
          head: copied.head,
          resumed: copied.isResumed,
        },
      }),
    );
    return;
  }
  if (copied.isResumed) note(host, globals, 'continued a copy that had been cut off');
  note(
    host,
    globals,
    `copied ${counted(copied.credentials, 'credential')} and ${counted(copied.events, 'audit event')} to ${copied.to}, and compared the copy with the store`,
  );
  note(host, globals, `the copy is independent and has the id ${copied.storeId}`);
}
