import { Command } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { counted } from '../../../domain/text/counted.js';
import { backUp } from '../../../usecases/store/backup.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { refuseDatabase } from '../../host/places.js';
import { jsonDocument } from '../../render/json.js';
import { closing, dependencies, maintenance, note, noteCopy } from '../../session.js';
import { migrateFirst } from './migrate-first.js';

/** `credctl store backup`. */
export function storeBackupCommand({ host }: CommandContext): Command {
  const command = new Command('backup')
    .summary('back up the store into a file, also while it is in use')
    .description(
      'Back up the store into a file. The backup shows the store at one moment, and is checked before the file gets its name. The store can be used at the same time.',
    )
    .argument('<file>', 'the file to write; only you can read it')
    .option('--force', 'replace an earlier backup of that name, in one step');
  addGlobalOptions(command).action(async (file: string, options: { readonly force?: true }) => {
    const globals = globalOptions(command);
    if (file === '' || file === '-') {
      throw usageError(
        file === ''
          ? 'the name of the backup is empty'
          : "a backup cannot be written to standard output ('-')",
        'name a file, such as credctl-backup.db',
      );
    }
    refuseDatabase(file, 'a backup');
    const files = await (await maintenance(host, globals)).files();
    await migrateFirst(host, globals);
    const store = await files.open();
    return closing(store, async () => {
      await noteCopy(host, globals, store);
      const facts = await backUp(dependencies(host, globals, store), files, {
        file: host.absolutePath(file),
        force: options.force === true,
      });
      if (globals.json) {
        return host.out.write(
          jsonDocument({
            backup: {
              file: maskSecrets(facts.file),
              store_id: facts.storeId,
              schema: facts.schema,
              credentials: facts.credentials,
              events: facts.events,
              head: facts.head,
              size_bytes: facts.sizeBytes,
            },
          }),
        );
      }
      note(
        host,
        globals,
        `backed up ${counted(facts.credentials, 'credential')} and ${counted(facts.events, 'audit event')} to ${facts.file}`,
      );
    });
  });
  return explain(
    command,
    [
      ['credctl store backup credctl-backup.db', 'into the current directory'],
      ['credctl store backup "credctl-$(date +%F).db" --force --json', 'every night, one file per day'],
    ],
    [0, 2, 4, [5, 'conflict: the file exists already, or is not a backup'], 8, 9],
  );
}
