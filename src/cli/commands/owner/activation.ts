import type { ActiveStatus, Credential } from '../../../domain/credential/credential.js';
import { allCredentials } from '../../../usecases/credential/all.js';
import { setOwnerStatus } from '../../../usecases/owner.js';
import type { CommandContext } from '../../command-context.js';
import type { GlobalOptions } from '../../flags/global.js';
import { changing } from '../../session.js';
import { distinctTargets, forEachTarget } from '../targets.js';

/**
 * Activates or deactivates owners and reports each.
 *
 * @param done what is said of each
 * @param tell called with the credentials of those that were changed, unless there are none or notes are silent;
 *   `now` in epoch milliseconds
 */
export async function setOwnerStatuses(
  context: CommandContext,
  globals: GlobalOptions,
  names: readonly string[],
  status: ActiveStatus,
  done: string,
  tell: (credentials: readonly Credential[], now: number) => void,
): Promise<void> {
  await changing(context.host, globals, async (deps) => {
    const targets = await distinctTargets(names, (name) => deps.store.findOwner(name));
    const changed: string[] = [];
    await forEachTarget(context, globals, targets, done, async (name) => {
      const before = await deps.store.findOwner(name);
      const owner = await setOwnerStatus(deps, name, status);
      if (before?.status !== status) changed.push(owner.id);
      return owner;
    });
    if (changed.length === 0 || globals.json || globals.quiet) return;
    const now = deps.clock.now();
    const credentials: Credential[] = [];
    for (const ownerId of changed) credentials.push(...(await allCredentials(deps.store, { now, ownerId })));
    tell(credentials, now);
  });
}
