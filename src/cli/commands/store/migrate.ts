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
    .summary('bring a store of an older version to the schema of this one')
    .description(
      `Bring a store that an older credctl has made to the schema of this one, in one transaction. A store in \
a file is backed up beside the file first; the first command or server that opens it does the same by itself. A database \
is migrated by this command alone: make a backup yourself (pg_dump); until then it can be looked at and served, not \
changed. There is no way back but the backup: end whatever older credctl uses the store.`,
    )
    .option('--dry-run', 'only tell what would be done');
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
      ['credctl store migrate --dry-run --json', 'is there anything to do?'],
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
