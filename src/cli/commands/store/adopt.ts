import { Command } from 'commander';
import { adoptStore } from '../../../usecases/store/adopt-store.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { closing, dependencies, note, openedForReading } from '../../session.js';
import { reportStore } from './report.js';

/** `credctl store adopt`. */
export function storeAdoptCommand({ host }: CommandContext): Command {
  const command = new Command('adopt').summary('make a store of its own of a copied one').description(
    `Make a store of its own of a file that was copied, or of a database (create database … template …). It gets another id, by which the keychain tells it from the \
original; nothing else changes, so every secret is good in both until it is rotated.`,
  );
  addGlobalOptions(command).action(async () => {
    const globals = globalOptions(command);
    const store = await openedForReading(host, globals);
    return closing(store, async () => {
      const adopted = await adoptStore(dependencies(host, globals, store));
      await reportStore(host, globals, store);
      note(host, globals, `this is a store of its own now, no longer a copy of ${adopted.copyOf}`);
      note(
        host,
        globals,
        'note: every secret is good in both stores; rotate in this one what the other must not answer for',
      );
    });
  });
  return explain(
    command,
    [
      ['credctl store adopt --store ./trial.db', 'after cp: the copy and the original part ways'],
      ['credctl store adopt --store ./trial.db --json', 'answers like store info, with the new id'],
    ],
    [0, 2, 4, 5, 8, 9],
  );
}
