import type { ActiveStatus, Credential } from '../../../domain/credential/credential.js';
import { allCredentials } from '../../../usecases/credential/all.js';
import type { UseGuard } from '../../../usecases/credential/guard.js';
import { setOwnerStatus } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import type { GlobalOptions } from '../../flags/global.js';
import { changing } from '../../session.js';
import { isWarned, noteStopping, stoppingWithOwners } from '../stopping/warning.js';
import { distinctTargets, forEachTarget } from '../targets.js';

/**
 * Activates or deactivates owners and reports each; before a deactivation it notes what stops with it.
 *
 * @param done what is said of each
 * @param guard of uses, for a deactivation alone
 * @param tell called with the credentials of those that were changed, unless there are none or notes are silent;
 *   `now` in epoch milliseconds
 */
export async function setOwnerStatuses(
  context: CommandContext,
  globals: GlobalOptions,
  names: readonly string[],
  status: ActiveStatus,
  done: string,
  guard: UseGuard,
  tell: (credentials: readonly Credential[], now: number) => void,
): Promise<void> {
  await changing(context.host, globals, async (deps) => {
    const targets = await distinctTargets(names, (name) => deps.store.findOwner(name));
    if (status === 'inactive' && isWarned(globals, deps.store)) {
      const now = deps.clock.now();
      noteStopping(context.host, globals, await stoppingWithOwners(deps.store, targets, guard, now), now);
    }
    const changedIds: string[] = [];
    await forEachTarget(context, globals, targets, done, async (name) => {
      const { owner, changed } = await setOwnerStatus(deps, name, status, guard);
      if (!changed) return { ...owner, said: `owner ${owner.name} is already ${status}` };
      changedIds.push(owner.id);
      return owner;
    });
    if (changedIds.length === 0 || !isWarned(globals, deps.store)) return;
    const now = deps.clock.now();
    const credentials: Credential[] = [];
    for (const ownerId of changedIds)
      credentials.push(...(await allCredentials(deps.store, { now, ownerId })));
    tell(credentials, now);
  });
}
