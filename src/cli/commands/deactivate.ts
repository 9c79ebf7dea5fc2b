import { Command } from 'commander';
import { setCredentialStatus } from '../../usecases/credential/activation.js';
import { stoppingAmong } from '../../usecases/credential/stopping.js';
import type { CommandContext } from '../command-context.js';
import { addGlobalOptions, type GlobalOptions, globalOptions } from '../flags/global.js';
import {
  addRevisionOption,
  addUnusedOptions,
  addUseGuardOption,
  refuseSelection,
  type UnusedOptions,
} from '../flags/guards.js';
import { explain, IN_USE, NAMES_HELP, SOME_FAILED } from '../help.js';
import { namesOrPicked } from '../prompts/picker.js';
import { changing } from '../session.js';
import { runUnused } from './stopping/unused.js';
import { credentialsOf, isGuarded, isWarned, noteStopping } from './stopping/warning.js';
import { distinctTargets, forEachTarget } from './targets.js';

/** `credctl deactivate`. */
export function deactivateCommand(context: CommandContext): Command {
  const command = new Command('deactivate')
    .description(
      'Stop credentials, from the next request. Nothing is lost: activate lets them work again. It prints when and from where they were last used. Only --unused-for asks first.',
    )
    .argument('[name...]', NAMES_HELP);
  addUseGuardOption(addUnusedOptions(command, 'all active credentials'));
  addGlobalOptions(addRevisionOption(command)).action(
    async (given: readonly string[], options: UnusedOptions) => {
      const globals = globalOptions(command);
      refuseSelection(given, options);
      const { unusedFor } = options;
      if (unusedFor !== undefined) {
        return runUnused(context, globals, 'deactivate', { ...options, unusedFor });
      }
      const names = await namesOrPicked(context.host, globals, given, {
        question: 'Credential to deactivate',
        first: 'active',
        hint: 'credctl deactivate NAME, or --unused-for DURATION',
      });
      return runDeactivate(context, globals, names, options);
    },
  );
  return explain(
    command,
    [
      [
        'credctl deactivate ci-bot crm-sync --reason "suspected leak"',
        'several, with a reason for the audit trail',
      ],
      ['credctl deactivate old-sync --unless-used-within 30d', 'only if it was not used for 30 days'],
      ['credctl deactivate --unused-for 180d --dry-run', 'list active credentials not used for 180 days'],
    ],
    [0, 2, 3, 4, [5, IN_USE], [7, SOME_FAILED], 8, 9, 130],
  );
}

async function runDeactivate(
  context: CommandContext,
  globals: GlobalOptions,
  names: readonly string[],
  options: UnusedOptions,
): Promise<void> {
  await changing(context.host, globals, async (deps) => {
    const targets = await distinctTargets(names, (name) => deps.store.findCredential(name));
    if (isWarned(globals, deps.store)) {
      const now = deps.clock.now();
      const found = await credentialsOf(deps.store, targets);
      const cut = found.filter((credential) => !isGuarded(credential, options, now));
      noteStopping(context.host, globals, await stoppingAmong([cut], now), now);
    }
    await forEachTarget(context, globals, targets, 'deactivated', async (name) => {
      const { credential, changed } = await setCredentialStatus(deps, name, 'inactive', options);
      return changed ? credential : { ...credential, said: `${credential.name} is already inactive` };
    });
  });
}
