import { Command } from 'commander';
import type { Credential } from '../../../domain/credential/credential.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { addUseGuardOption, type GuardOptions } from '../../flags/guards.js';
import { explain } from '../../help.js';
import { deactivationLine } from '../../render/effect.js';
import { note } from '../../session.js';
import { setOwnerStatuses } from './activation.js';

/** `credctl owner deactivate`. */
export function ownerDeactivateCommand(context: CommandContext): Command {
  const command = new Command('deactivate')
    .summary('stop all credentials of an owner')
    .description(
      'Stop all credentials of an owner from the next request on, until it is activated again. It says when and from where they were last used, and goes on.',
    )
    .argument('<name...>', "owners' names");
  addGlobalOptions(addUseGuardOption(command)).action((names: readonly string[], options: GuardOptions) => {
    const globals = globalOptions(command);
    const tell = (credentials: readonly Credential[], now: number): void =>
      note(context.host, globals, deactivationLine(credentials, now));
    return setOwnerStatuses(context, globals, names, 'inactive', 'deactivated owner', options, tell);
  });
  return explain(
    command,
    [
      ['credctl owner deactivate crm', 'one owner'],
      [
        'credctl owner deactivate crm billing --reason "left the company"',
        'several, with a reason for the audit trail',
      ],
      ['credctl owner deactivate crm --unless-used-within 30d', 'only if nothing of it is in use'],
    ],
    [0, 2, 3, 4, 5, 7, 8, 9],
  );
}
