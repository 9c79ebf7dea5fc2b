import { Command } from 'commander';
import type { Credential } from '../../domain/credential/credential.js';
import { deleteCredential } from '../../usecases/credential/delete.js';
import { findCredential } from '../../usecases/credential/find.js';
import { refuseIfUsed, requireRevision } from '../../usecases/credential/guard.js';
import { stoppingAmong } from '../../usecases/credential/stopping.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import type { CommandContext } from '../command-context.js';
import { removeCopiesOf } from '../delivery/saved-copies.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../flags/global.js';
import {
  addRevisionOption,
  addUnusedOptions,
  addUseGuardOption,
  refuseSelection,
  type UnusedOptions,
} from '../flags/guards.js';
import { explain, IN_USE, NAMES_HELP, SOME_FAILED } from '../help.js';
import type { Host } from '../host/host.js';
import { confirmByName, requireConfirmable } from '../prompts/confirmation.js';
import { namesOrPicked } from '../prompts/picker.js';
import { changing, note } from '../session.js';
import { runUnused, type UnusedInput } from './stopping/unused.js';
import { asks, credentialsOf, isGuarded, isWarned, noteStopping, tellDeletion } from './stopping/warning.js';
import { distinctTargets, forEachTarget, missingTargets, tellMissing } from './targets.js';

/** `credctl delete`. */
export function deleteCommand(context: CommandContext): Command {
  const command = new Command('delete')
    .description(
      'Delete credentials. Their secrets stop working at once, and this cannot be undone. It prints when and from where they were last used, and asks first.',
    )
    .argument('[name...]', NAMES_HELP);
  addUseGuardOption(addUnusedOptions(command, 'all credentials'));
  addGlobalOptions(addRevisionOption(command)).action(
    async (given: readonly string[], options: UnusedOptions) => {
      const globals = globalOptions(command);
      refuseSelection(given, options);
      const { unusedFor } = options;
      if (unusedFor !== undefined) return runDeleteUnused(context, globals, { ...options, unusedFor });
      const names = await namesOrPicked(context.host, globals, given, {
        question: 'Credential to delete',
        hint: 'credctl delete NAME, or --unused-for DURATION',
      });
      return runDelete(context, globals, names, options);
    },
  );
  return explain(
    command,
    [
      ['credctl delete ci-bot', 'asks you to type the name'],
      ['credctl delete ci-bot old-sync --yes --reason "project ended"', 'in a script'],
      ['credctl delete --unused-for 365d --dry-run', 'list credentials not used for a year'],
    ],
    [0, 2, 3, 4, [5, IN_USE], [7, SOME_FAILED], 8, 9, 130],
  );
}

/** Notes about data that could not be erased at once. */
const HELD_BACK = {
  'log-held':
    'note: another process is reading the store: the deleted hashes stay in the log file of the store until it ends',
  'rows-held':
    'note: another session still holds access tokens and uses of the deleted credentials; they no longer work, and the next change removes them',
};

/** Deletes each credential, then erases what the rows leave in the file. */
export async function runDelete(
  context: CommandContext,
  globals: GlobalOptions,
  names: readonly string[],
  options: UnusedOptions = {},
): Promise<void> {
  const { host } = context;
  await changing(host, globals, async (deps) => {
    if (names.length === 1) await refuseSingle(deps, names[0] ?? '', options);
    const targets = await distinctTargets(names, (name) => deps.store.findCredential(name));
    const missing = await missingTargets(targets, (name) => findCredential(deps.store, name));
    requireConfirmable(host, globals, 'deleting cannot be undone');
    tellMissing(host, globals, missing);
    const now = deps.clock.now();
    const found =
      isWarned(globals, deps.store) || asks(host, globals) ? await credentialsOf(deps.store, targets) : [];
    const typed = targets.filter(({ reference }) => !missing.has(reference)).map(({ name }) => name);
    await confirmByName(host, globals, 'deleting', typed, () => tellDeletion(host, globals, found, now));
    if (globals.yes) {
      const cut = found.filter((credential) => !isGuarded(credential, options, now));
      noteStopping(host, globals, await stoppingAmong([cut], now), now);
    }
    const keychain = host.keychain((text) => note(host, globals, text));
    let isAnyDeleted = false;
    const deleteOne = async (name: string): Promise<Credential> => {
      const credential = await deleteCredential(deps, name, options);
      isAnyDeleted = true;
      await removeCopiesOf(host, globals, deps.store, keychain, credential);
      return credential;
    };
    try {
      await forEachTarget(context, globals, targets, 'deleted', deleteOne, missing);
    } finally {
      keychain.close();
      if (isAnyDeleted) noteHeldBack(host, globals, await deps.store.scrub());
    }
  });
}

/** Refuses before the question what the deletion would refuse. */
async function refuseSingle(deps: Dependencies, name: string, guard: UnusedOptions): Promise<void> {
  const credential = await findCredential(deps.store, name);
  requireRevision(credential, guard);
  refuseIfUsed(credential, guard, deps.clock.now());
}

/** As {@link runDelete}, for what was not used for some time. */
async function runDeleteUnused(
  context: CommandContext,
  globals: GlobalOptions,
  input: UnusedInput,
): Promise<void> {
  const { host } = context;
  const keychain = host.keychain();
  try {
    await runUnused(context, globals, 'delete', input, {
      async batch({ store }, done) {
        for (const credential of done) await removeCopiesOf(host, globals, store, keychain, credential);
      },
      end: async ({ store }) => noteHeldBack(host, globals, await store.scrub()),
    });
  } finally {
    keychain.close();
  }
}

function noteHeldBack(host: Host, globals: GlobalOptions, scrubbed: keyof typeof HELD_BACK | 'done'): void {
  if (scrubbed !== 'done') note(host, globals, HELD_BACK[scrubbed]);
}
