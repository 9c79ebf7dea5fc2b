import { Command } from 'commander';
import { adoptStore } from '../../../usecases/store/adopt-store.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { closing, dependencies, note, openedForReading } from '../../session.js';
import { reportStore } from './report.js';

/** `credctl store adopt`. */
export function storeAdoptCommand({ host }: CommandContext): Command {
  const command = new Command('adopt').summary('make a copied store independent of the original').description(
    `Make a copy of a store independent: a file that was copied, or a database made with 'create database … template …'. The copy gets its own id, so that the keychain keeps \
their secrets apart. Nothing else changes: every secret works in both stores until you rotate it.`,
  );
  addGlobalOptions(command).action(async () => {
    const globals = globalOptions(command);
    const store = await openedForReading(host, globals);
    return closing(store, async () => {
      const adopted = await adoptStore(dependencies(host, globals, store));
      await reportStore(host, globals, store);
      note(host, globals, `this store is independent now, no longer a copy of ${adopted.copyOf}`);
      note(
        host,
        globals,
        'note: every secret works in both stores; rotate the credentials whose secrets should work in one store only',
      );
    });
  });
  return explain(
    command,
    [
      ['credctl store adopt --store ./trial.db', 'after cp store.db trial.db'],
      ['credctl store adopt --store ./trial.db --json', "prints the same as 'store info', with the new id"],
    ],
    [0, 2, 4, [5, 'conflict: the store is not a copy, or is a backup'], 8, 9],
  );
}
