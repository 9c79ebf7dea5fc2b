import type { AuditAction } from '../../../domain/audit-event.js';
import { type Handle, parseHandle } from '../../../domain/secret/handle.js';
import { isClientIdShape } from '../../../domain/secret/secret-format.js';
import { nameKey } from '../../../domain/text/name.js';
import type { SqlConnection, SqlValue } from '../connection.js';
import { credentialOfHandle } from './handles.js';

/** A condition on events that one index answers in the order of their numbers. */
export interface TargetCondition {
  readonly text: string;
  readonly parameters: readonly SqlValue[];
}

/** Actions that end their target. */
const ENDINGS: readonly AuditAction[] = ['credential.delete', 'credential.discard', 'owner.delete'];

/** As {@link ENDINGS}, without creates that were cut off. */
const DELETIONS: readonly AuditAction[] = ['credential.delete', 'owner.delete'];

/** Maximum number of deleted holders of a name whose events under earlier names are listed as well. */
const MAX_FORMER_HOLDERS = 20;

/**
 * The events about what a name, an id, a client id or a handle refers to: those that meet any of the conditions. What
 * exists now takes precedence over earlier holders of a name, so that a reused name does not mix two histories.
 * A name that nothing has now stands for what had it last, and for all that happened to anything under it.
 */
export async function targetConditions(
  connection: SqlConnection,
  reference: string,
): Promise<readonly TargetCondition[]> {
  const present = await presentIds(connection, reference);
  if (present.length > 0) return present.map(ofId);
  const referred = await idsByPart(connection, reference);
  if (referred.length > 0) return referred.map(ofId);
  const key = nameKey(reference);
  const former = await formerIds(connection, key);
  return [{ text: 'target_key = ?', parameters: [key] }, ...[...new Set([key, ...former])].map(ofId)];
}

/**
 * Ids of what was deleted under a name that something else has now, the last one first: {@link targetConditions} leaves
 * their events out.
 */
export async function formerHolders(connection: SqlConnection, name: string): Promise<readonly string[]> {
  const present = new Set(await presentIds(connection, name));
  if (present.size === 0) return [];
  const former = await formerIds(connection, nameKey(name), DELETIONS);
  return [...new Set(former)].filter((id) => !present.has(id));
}

function ofId(id: string): TargetCondition {
  return { text: 'target_id = ?', parameters: [id] };
}

async function presentIds(connection: SqlConnection, reference: string): Promise<readonly string[]> {
  const key = nameKey(reference);
  const rows = await connection.tuples<readonly [string]>(
    `select id from credential where name_key = ? or id = ? or client_id = ?
      union select id from owner where name_key = ? or id = ?`,
    [key, key, reference, key, key],
  );
  return rows.map(([id]) => id);
}

/** By a handle, or by the client id of what was deleted: tombstones have no index on it, and are scanned. */
async function idsByPart(connection: SqlConnection, reference: string): Promise<readonly string[]> {
  const handle = parseHandle(reference);
  if (handle !== null) return idsOfHandle(connection, handle);
  if (!isClientIdShape(reference)) return [];
  const rows = await connection.tuples<readonly [string]>(
    'select credential_id from tombstone where client_id = ?',
    [reference],
  );
  return rows.map(([id]) => id);
}

async function idsOfHandle(connection: SqlConnection, handle: Handle): Promise<readonly string[]> {
  const key = await credentialOfHandle(connection, handle);
  const present =
    key === null
      ? []
      : await connection.tuples<readonly [string]>('select id from credential where key = ?', [key]);
  // A credential that is deleted between these reads is found among the deleted ones.
  const rows =
    present.length > 0
      ? present
      : await connection.tuples<readonly [string]>(
          `select t.credential_id from deleted_version d, tombstone t, store s
            where d.version_id = ? and t.credential_id = d.credential_id and s.id = 1 and s.prefix = ?
              and t.client_id is ${handle.kind === 'key' ? '' : 'not '}null`,
          [handle.id, handle.prefix],
        );
  return rows.map(([id]) => id);
}

/** What was deleted last under that name. */
async function formerIds(
  connection: SqlConnection,
  key: string,
  actions = ENDINGS,
): Promise<readonly string[]> {
  const endings = actions.map((action) => `'${action}'`).join(', ');
  const rows = await connection.tuples<readonly [string]>(
    `select target_id from audit_event
      where target_key = ? and target_id is not null and action in (${endings})
      order by seq desc limit ${MAX_FORMER_HOLDERS}`,
    [key],
  );
  return rows.map(([id]) => id);
}
