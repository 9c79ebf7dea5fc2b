import type { ActiveStatus } from '../../domain/credential/credential.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { applyStatus } from './activation.js';
import { applyEdit, type Edited, type EditInput, refuseBeforehand } from './edit.js';

/** Result of an edit together with the status; `changed` is true where either was changed. */
export interface EditedWithStatus extends Edited {
  readonly statusChanged: boolean;
}

/**
 * Edits a credential and activates or deactivates it, in one transaction: both or neither. Each has its own audit
 * event and revision.
 *
 * @throws CredctlError as `editCredential`
 */
export async function editWithStatus(
  deps: Dependencies,
  input: EditInput,
  status: ActiveStatus,
): Promise<EditedWithStatus> {
  await refuseBeforehand(deps, input);
  return change(deps, async (tx, now) => {
    const edited = await applyEdit(deps, tx, input, now);
    if (edited.credential.status === status) return { ...edited, statusChanged: false };
    const credential = await applyStatus(deps, tx, edited.credential, status, now);
    return { ...edited, credential, changed: true, statusChanged: true };
  });
}
