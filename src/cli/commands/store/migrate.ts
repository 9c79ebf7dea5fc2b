import { Command } from 'commander';
import type { Migrated } from '../../../domain/ports/migration-port.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { migrateStore } from '../../../usecases/store/migrate-store.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { migratedLines } from '../../older-store.js';
import { jsonDocument } from '../../render/json.js';
import { maintenance, note } from '../../session.js';

/** `credctl store migrate`. */
export function storeMigrateCommand({ host }: CommandContext): Command {
  const command = new Command('migrate')
    .summary('update a store that an older credctl made')
    .description(
      `Update a store that an older credctl made to the schema of this credctl, in one transaction. A store in \
a file is backed up beside the file first, and every command or server does both by itself. A database \
is migrated by this command only; make a backup yourself first (pg_dump). Until then it can be read and served, not \
changed. Only the backup leads back: end every older credctl that uses the store.`,
    )
    .option('--dry-run', 'show what would be done and change nothing');
  addGlobalOptions(command).action(async ({ dryRun }: { readonly dryRun?: true }) => {
    const globals = globalOptions(command);
    const store = await (await maintenance(host, globals)).migratable();
    try {
      const deps = { clock: host.clock, author: { actor: host.actor, reason: globals.reason ?? null } };
      const migrated = await migrateStore(deps, store, dryRun === true);
      report(host, globals, migrated, { isDryRun: dryRun === true, engine: store.engine });
    } finally {
      await store.close();
    }
  });
  return explain(
    command,
    [
      ['credctl store migrate', 'after an update'],
      ['credctl store migrate --dry-run --json', 'is a migration needed?'],
    ],
    [0, 2, 4, 8, 9],
  );
}

function report(
  host: Host,
  globals: GlobalOptions,
  migrated: Migrated,
  { isDryRun, engine }: { readonly isDryRun: boolean; readonly engine: 'sqlite' | 'postgres' },
): void {
  if (globals.json) {
    const { from, to, backup, attested } = migrated;
    const file = backup === null ? null : maskSecrets(backup);
    const unchecked = attested === null ? {} : { hashes_unchecked: attested.hashes };
    const contradicted = attested === null ? {} : { contradicted: attested.contradicted };
    host.out.write(
      jsonDocument({
        migration: {
          from,
          to,
          migrated: from !== to && !isDryRun,
          backup: file,
          ...unchecked,
          ...contradicted,
        },
      }),
    );
    return;
  }
  for (const line of linesOf(migrated, { isDryRun, engine })) note(host, globals, line);
}

function linesOf(
  migrated: Migrated,
  { isDryRun, engine }: { readonly isDryRun: boolean; readonly engine: 'sqlite' | 'postgres' },
): readonly string[] {
  const { from, to } = migrated;
  if (from === to) return [`the store has schema ${to}; there is nothing to do`];
  if (!isDryRun) return migratedLines(migrated);
  const advice = engine === 'postgres' ? ['make a backup first: pg_dump'] : [];
  return [`the store would be migrated from schema ${from} to ${to}`, ...advice];
}
