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
    .summary('copy the store into a file while it is in use')
    .description(
      'Copy the store, as it is at one moment, into a file that is checked before it gets its name. Others go on using the store meanwhile.',
    )
    .argument('<file>', 'the file to write; for its owner alone')
    .option('--force', 'replace an earlier backup at that place, in one step');
  addGlobalOptions(command).action(async (file: string, options: { readonly force?: true }) => {
    const globals = globalOptions(command);
    if (file === '' || file === '-') {
      throw usageError(
        file === '' ? 'the name of the backup is empty' : "a backup cannot be written to '-'",
        'a backup is checked before it gets its name: name a file, such as credctl-backup.db',
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
      ['credctl store backup credctl-backup.db', 'into the working directory'],
      ['credctl store backup "credctl-$(date +%F).db" --force --json', 'every night, one file a day'],
    ],
    [0, 2, 4, 5, 8, 9],
  );
}
