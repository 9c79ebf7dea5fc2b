import { Command } from 'commander';
import { setCredentialStatus } from '../../usecases/credential/activation.js';
import type { CommandContext } from '../command-context.js';
import { addGlobalOptions, globalOptions } from '../flags/global.js';
import { explain } from '../help.js';
import { changing } from '../session.js';
import { distinctTargets, forEachTarget } from './targets.js';

/** `credctl activate`. */
export function activateCommand(context: CommandContext): Command {
  const command = new Command('activate')
    .description('Let inactive credentials work again, from the next request on.')
    .argument('<name...>', 'names, ids or client ids');
  addGlobalOptions(command).action((names: readonly string[]) => {
    const globals = globalOptions(command);
    return changing(context.host, globals, async (deps) => {
      const targets = await distinctTargets(names, (name) => deps.store.findCredential(name));
      await forEachTarget(context, globals, targets, 'activated', (name) =>
        setCredentialStatus(deps, name, 'active'),
      );
    });
  });
  return explain(
    command,
    [
      ['credctl activate ci-bot', 'one credential'],
      [
        'credctl activate ci-bot crm-sync --reason "incident over"',
        'several, with a reason for the audit trail',
      ],
    ],
    [0, 2, 3, 4, 7, 8, 9],
  );
}
