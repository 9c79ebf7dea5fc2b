import { Command } from 'commander';
import type { Credential } from '../../../domain/credential/credential.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { addUseGuardOption, type GuardOptions } from '../../flags/guards.js';
import { explain, SOME_FAILED, STILL_USED } from '../../help.js';
import { deactivationLine } from '../../render/effect.js';
import { note } from '../../session.js';
import { setOwnerStatuses } from './activation.js';

/** `credctl owner deactivate`. */
export function ownerDeactivateCommand(context: CommandContext): Command {
  const command = new Command('deactivate')
    .summary('stop all credentials of an owner')
    .description(
      'Stop all credentials of an owner, from the next request, until the owner is activated again. It prints when and from where they were last used.',
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
      [
        'credctl owner deactivate crm --unless-used-within 30d',
        'only if none of its credentials was used for 30 days',
      ],
    ],
    [0, 2, 3, 4, [5, STILL_USED], [7, SOME_FAILED], 8, 9],
  );
}
