import { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { storeAdoptCommand } from './adopt.js';
import { storeBackupCommand } from './backup.js';
import { storeCheckCommand } from './check.js';
import { storeCopyCommand } from './copy.js';
import { storeGrantCommand } from './grant.js';
import { storeInfoCommand } from './info.js';
import { storeInitCommand } from './init.js';
import { storeMigrateCommand } from './migrate.js';
import { storeRestoreCommand } from './restore.js';
import { storeSetCommand } from './set.js';

/** `credctl store …`. */
export function storeCommand(context: CommandContext): Command {
  const command = new Command('store')
    .description(
      'Manage the store, which holds the credentials, owners, catalog and audit trail: an SQLite file or a PostgreSQL database.',
    )
    .addCommand(storeInitCommand(context))
    .addCommand(storeInfoCommand(context))
    .addCommand(storeSetCommand(context))
    .addCommand(storeCheckCommand(context))
    .addCommand(storeAdoptCommand(context))
    .addCommand(storeGrantCommand(context))
    .addCommand(storeBackupCommand(context))
    .addCommand(storeRestoreCommand(context))
    .addCommand(storeCopyCommand(context))
    .addCommand(storeMigrateCommand(context));
  addGlobalOptions(command).enablePositionalOptions();
  return explain(
    command,
    [
      ['credctl store info', 'where is the store, and how much does it hold?'],
      ['credctl store check', 'is anything damaged?'],
    ],
    [0, 2, 3, 4, 5, 8, 9, 130],
  );
}
