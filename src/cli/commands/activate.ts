import { Command } from 'commander';
import type { Credential } from '../../domain/credential/credential.js';
import { whyStopped } from '../../domain/credential/stopped.js';
import { setCredentialStatus } from '../../usecases/credential/activation.js';
import type { CommandContext } from '../command-context.js';
import { addGlobalOptions, globalOptions } from '../flags/global.js';
import { addRevisionOption, type GuardOptions, refuseGuards } from '../flags/guards.js';
import { explain, NAMES_HELP, SOME_FAILED } from '../help.js';
import { namesOrPicked } from '../prompts/picker.js';
import { activationLines } from '../render/effect.js';
import { changing, note } from '../session.js';
import { distinctTargets, forEachTarget } from './targets.js';

/** `credctl activate`. */
export function activateCommand(context: CommandContext): Command {
  const command = new Command('activate')
    .description('Let inactive credentials work again, from the next request.')
    .argument('[name...]', NAMES_HELP);
  addGlobalOptions(addRevisionOption(command)).action(
    async (given: readonly string[], options: GuardOptions) => {
      const globals = globalOptions(command);
      refuseGuards(given, options);
      const names = await namesOrPicked(context.host, globals, given, {
        question: 'Credential to activate',
        first: 'inactive',
        hint: 'credctl activate NAME',
      });
      return changing(context.host, globals, async (deps) => {
        const targets = await distinctTargets(names, (name) => deps.store.findCredential(name));
        const told: Credential[] = [];
        await forEachTarget(context, globals, targets, 'activated', async (name) => {
          const { credential, changed } = await setCredentialStatus(deps, name, 'active', options);
          if (changed || whyStopped(credential, deps.clock.now()) !== null) told.push(credential);
          return changed ? credential : { ...credential, said: `${credential.name} is already active` };
        });
        for (const line of activationLines(told, deps.clock.now())) note(context.host, globals, line);
      });
    },
  );
  return explain(
    command,
    [
      ['credctl activate ci-bot', 'one credential'],
      [
        'credctl activate ci-bot crm-sync --reason "incident over"',
        'several, with a reason for the audit trail',
      ],
    ],
    [0, 2, 3, 4, [5, 'conflict: --if-revision does not match'], [7, SOME_FAILED], 8, 9, 130],
  );
}
