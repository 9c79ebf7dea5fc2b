import type { AuditEvent } from '../audit-event.js';
import { objectIn, textsOf } from './details.js';

/**
 * The scopes after an edit: what it added and took away, applied to what the trail had before. What a credential held
 * by a change past the program is in both lists of the event, and so does not become true by it.
 *
 * @param before as the trail had them; undefined where it did not tell
 * @returns undefined where the edit did not touch them
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
