import { Command } from 'commander';
import { setCredentialStatus } from '../../usecases/credential/activation.js';
import type { CommandContext } from '../command-context.js';
import { addGlobalOptions, globalOptions } from '../flags/global.js';
import { explain } from '../help.js';
import { changing } from '../session.js';
import { distinctTargets, forEachTarget } from './targets.js';

/** `credctl deactivate`. */
export function deactivateCommand(context: CommandContext): Command {
  const command = new Command('deactivate')
    .description('Stop credentials from the next request on. Nothing is lost: activate brings them back.')
    .argument('<name...>', 'names, ids, client ids or handles');
  addGlobalOptions(command).action((names: readonly string[]) => {
    const globals = globalOptions(command);
    return changing(context.host, globals, async (deps) => {
      const targets = await distinctTargets(names, (name) => deps.store.findCredential(name));
      await forEachTarget(context, globals, targets, 'deactivated', (name) =>
        setCredentialStatus(deps, name, 'inactive'),
      );
    });
  });
  return explain(
    command,
    [
      ['credctl deactivate ci-bot', 'one credential'],
      [
        'credctl deactivate ci-bot crm-sync --reason "suspected leak"',
        'several, with a reason for the audit trail',
      ],
    ],
    [0, 2, 3, 4, 7, 8, 9],
  );
}
