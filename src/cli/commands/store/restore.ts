import { basename } from 'node:path';
import { Command } from 'commander';
import { conflictError } from '../../../domain/errors.js';
import type { CheckedBackup, PresentStore } from '../../../domain/ports/backup-port.js';
import { counted } from '../../../domain/text/counted.js';
import { keychainUnlessCopy } from '../../../usecases/keychain/keychain-of-copy.js';
import { acceptPresent, restore } from '../../../usecases/store/restore/restore.js';
import type { CommandContext } from '../../command-context.js';
import { removeCopiesOf } from '../../delivery/saved-copies.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { refuseDatabase } from '../../host/places.js';
import { confirmByName } from '../../prompts/confirmation.js';
import { clockPolicy, maintenance, note } from '../../session.js';
import { migrateFirst } from './migrate-first.js';
import { reportRestored } from './restore-report.js';

interface RestoreOptions {
  readonly force?: true;
  readonly trust?: true;
}

/** `credctl store restore`. */
export function storeRestoreCommand({ host }: CommandContext): Command {
  const command = new Command('restore')
    .summary('restore the store from a backup')
    .description(
      'Restore the store from a backup. Whatever was deleted, revoked, rotated, deactivated or narrowed since the backup stays that way: credctl looks it up in the present store. If the present store is lost, every credential comes back inactive.',
    )
    .argument('<file>', "a file made by 'credctl store backup'")
    .option('--force', 'replace the present store; it is kept beside the restored one')
    .option(
      '--trust',
      'if the present store is lost: leave credentials active, also those that were stopped since the backup',
    );
  addGlobalOptions(command).action(async (file: string, options: RestoreOptions) => {
    const globals = globalOptions(command);
    refuseDatabase(file, 'a backup');
    const files = await (await maintenance(host, globals)).files();
    const path = host.absolutePath(file);
    const backup = await files.openBackup(path, host.clock.now());
    try {
      if (!backup.hasDigest) {
        note(host, globals, 'the backup has no checksum (SHA-256): a damaged value in it may go unnoticed');
      }
      // What it fails on is met, and reported, by what follows.
      await migrateFirst(host, globals).catch(() => {});
      const present = await acceptPresent(files, backup, host.clock.now());
      try {
        await confirm(host, globals, options, { location: files.location, backup, present });
        const deps = {
          clock: host.clock,
          random: host.random,
          processes: host.processes,
          author: { actor: host.actor, reason: globals.reason ?? null },
          ...clockPolicy(host, globals, { clock: null }),
        };
        const restored = await restore(deps, files, backup, present, {
          file: path,
          trust: options.trust === true,
        });
        if (present.state === 'sound') {
          const { store } = present;
          const keychain = keychainUnlessCopy(
            host.keychain((text) => note(host, globals, text)),
            () => store.placing(),
          );
          for (const dead of restored.removedWithCopy) {
            await removeCopiesOf(host, globals, present.store, keychain, dead);
          }
          keychain.close();
        }
        reportRestored(host, globals, { file: path, location: files.location, restored });
      } finally {
        if (present.state === 'sound') await present.store.close();
      }
    } finally {
      await backup.discard();
    }
  });
  return explain(
    command,
    [
      ['credctl store restore credctl-backup.db --force', 'asks you to type the name of the store'],
      ['credctl store restore credctl-backup.db --store rescued.db', 'into a new file'],
      [
        'credctl store restore credctl-backup.db --force --yes --reason "labels were lost"',
        'in a script, with a reason for the audit trail',
      ],
    ],
    [0, 2, 3, 4, [5, 'conflict: there is a store already, or the backup is of another one'], 8, 9, 130],
  );
}

async function confirm(
  host: Host,
  globals: GlobalOptions,
  options: RestoreOptions,
  about: { readonly location: string; readonly backup: CheckedBackup; readonly present: PresentStore },
): Promise<void> {
  const { location, backup, present } = about;
  if (present.state === 'missing') return;
  if (options.force !== true) {
    throw conflictError(
      `a store exists already at ${location}`,
      'add --force to replace it, or name another with --store',
    );
  }
  const made = backup.origin === null ? '' : ` of ${new Date(backup.origin.at).toISOString()}`;
  note(host, globals, `the backup${made} holds ${counted(backup.facts.credentials, 'credential')}`);
  if (present.state === 'damaged') note(host, globals, `the present store is damaged: ${present.cause}`);
  else
    note(
      host,
      globals,
      'credentials created after the backup are deleted; what was deleted, revoked or narrowed after it stays so',
    );
  await confirmByName(host, globals, 'replacing a store', [basename(location)]);
}
