import type { AuditEvent } from '../audit-event.js';
import { objectIn, textsOf } from './details.js';

/**
 * Applies an edit as a difference (added and removed scopes) to the scopes derived so far. A scope gained by
 * tampering is in both lists of the event, so that the edit does not legitimise it.
 *
 * @param before the derived scopes; undefined where the trail records none
 * @returns undefined where the edit did not change scopes
 */
export function editedScopes(
  details: AuditEvent['details'],
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  const edit = objectIn(details, 'scopes');
  const to = textsOf(edit?.['to']);
  const from = textsOf(edit?.['from']);
  if (to === undefined || from === undefined || before === undefined || edit?.['replaced'] === true)
    return to;
  const kept = before.filter((scope) => to.includes(scope) || !from.includes(scope));
  const added = to.filter((scope) => !from.includes(scope));
  return [...new Set([...kept, ...added])].sort();
}
