import { Command } from 'commander';
import { counted } from '../../../domain/text/counted.js';
import { refuseIfCredentialsUsed } from '../../../usecases/credential/guard.js';
import { deleteOwner, findOwner } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { addUseGuardOption, type GuardOptions } from '../../flags/guards.js';
import { explain, SOME_FAILED, STILL_USED } from '../../help.js';
import { confirmByName, requireConfirmable } from '../../prompts/confirmation.js';
import { changing, note } from '../../session.js';
import { asks, isWarned, NOTHING_STOPS, stoppingWithOwners, tellStopping } from '../stopping/warning.js';
import { distinctTargets, forEachTarget, missingTargets, tellMissing } from '../targets.js';

/** `credctl owner delete`. */
export function ownerDeleteCommand(context: CommandContext): Command {
  const { host } = context;
  const command = new Command('delete')
    .summary('delete owners; their credentials stop')
    .description(
      'Delete owners. Their credentials stay in the list, inactive and without an owner: give them a new owner and activate them, or delete them. It prints when and from where they were last used, and asks first.',
    )
    .argument('<name...>', "owners' names");
  addGlobalOptions(addUseGuardOption(command)).action((names: readonly string[], options: GuardOptions) => {
    const globals = globalOptions(command);
    return changing(host, globals, async (deps) => {
      const now = deps.clock.now();
      if (names.length === 1) {
        await refuseIfCredentialsUsed(deps.store, await findOwner(deps.store, names[0] ?? ''), options, now);
      }
      const targets = await distinctTargets(names, (name) => deps.store.findOwner(name));
      const missing = await missingTargets(targets, (name) => findOwner(deps.store, name));
      requireConfirmable(host, globals, 'deleting an owner cannot be undone');
      tellMissing(host, globals, missing);
      const isSeen = isWarned(globals, deps.store) || asks(host, globals);
      const stopping = isSeen ? await stoppingWithOwners(deps.store, targets, options, now) : NOTHING_STOPS;
      const typed = targets.filter(({ reference }) => !missing.has(reference)).map(({ name }) => name);
      const tell = () => tellStopping(host, globals, stopping, now);
      await confirmByName(host, globals, 'deleting an owner', typed, tell);
      if (globals.yes) tell();
      await forEachTarget(
        context,
        globals,
        targets,
        'deleted owner',
        async (name) => {
          const owner = await deleteOwner(deps, name, options);
          const { credentials } = owner;
          if (credentials > 0) {
            const verb = credentials === 1 ? 'is' : 'are';
            const which = counted(credentials, 'credential');
            note(host, globals, `note: ${which} of ${owner.name} ${verb} now inactive`);
          }
          return owner;
        },
        missing,
      );
    });
  });
  return explain(
    command,
    [
      ['credctl owner delete crm', 'asks you to type the name'],
      ['credctl owner delete crm --yes', 'in a script'],
    ],
    [0, 2, 3, 4, [5, STILL_USED], [7, SOME_FAILED], 8, 9, 130],
  );
}
