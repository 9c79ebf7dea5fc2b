import type { Finding } from '../../domain/ports/store-port.js';
import { ID_LENGTH } from '../../domain/secret/secret-format.js';
import { quote, shellWord } from '../../domain/text/quote.js';
import { isObject, numberOf, objectIn } from '../../domain/trail/details.js';
import { readEvent } from '../sql/audit-trail.js';
import { firstRow, placeholders, type SqlConnection } from '../sql/connection.js';
import { error } from './finding.js';

/** Makes the SQL expression for a detail, as text or number, of the event in the given column. */
export type DetailOf = (column: string, detail: string) => string;

/** Events that issue a version, with its number and its handle, which ends in the version's id. */
const ISSUES = `e.action in ('credential.create', 'credential.rotate')`;

/** Whether an event records the deletion of the credential of event `e`; ids are never reused. */
const IS_DELETED = `exists (select 1 from audit_event d where d.target_id = e.target_id
  and d.action in ('credential.delete', 'credential.discard'))`;

const WHO = 'find out who changed the store without credctl';

/** Upper bound of findings of one kind that are listed. */
const NAMED = 20;

/** Events read at once. */
const PAGE = 500;

/**
 * Compares versions and deletions with a verified audit trail: each version must have been issued, each issued one
 * must exist, and each deletion must be recorded.
 */
export async function checkAccounts(
  connection: SqlConnection,
  detailOf: DetailOf,
): Promise<readonly Finding[]> {
  // A restore that could carry nothing over loses the versions issued since the backup, and records that.
  const restored = await firstRow<{ seq: number | null }>(
    connection,
    `select max(seq) as seq from audit_event where action = 'store.restore'
      and ${detailOf('text', 'known_from')} <> 'present-store'`,
  );
  const since = Number(restored?.seq ?? 0);
  return [
    ...(await plantedVersions(connection, detailOf)),
    ...(await lostVersions(connection, detailOf, since)),
    ...(await lostAttested(connection, detailOf, since)),
    ...(await untoldDeletions(connection, detailOf)),
  ];
}

async function plantedVersions(connection: SqlConnection, detailOf: DetailOf): Promise<readonly Finding[]> {
  const rows = await connection.all<{ name: string; number: number }>(
    `select c.name, v.number from version v join credential c on c.key = v.credential_key
      where not exists (select 1 from audit_event e where e.target_id = c.id and ${ISSUES}
        and ${numberIn(detailOf)} = v.number and ${idIn(detailOf)} = v.id)
      order by c.name_key, v.number limit ${NAMED + 1}`,
    [],
  );
  return limited(
    rows.map(({ name, number }) =>
      error(
        'accounts',
        `version ${number} of ${name} was never issued: no audit event mentions it`,
        `revoke it: credctl rotate ${shellWord(name)} --now; ${WHO}`,
      ),
    ),
    'versions that were never issued',
  );
}

async function lostVersions(
  connection: SqlConnection,
  detailOf: DetailOf,
  since: number,
): Promise<readonly Finding[]> {
  const rows = await connection.all<{ name: string | null; number: number }>(
    `select e.target_name as name, ${numberIn(detailOf)} as number from audit_event e
      where e.seq > ? and ${ISSUES} and not ${IS_DELETED}
        and not exists (select 1 from version v join credential c on c.key = v.credential_key where c.id = e.target_id
          and v.number = ${numberIn(detailOf)} and v.id = ${idIn(detailOf)})
      order by e.seq limit ${NAMED + 1}`,
    [since],
  );
  return limited(rows.map(lost), 'missing versions');
}

/**
 * Attested versions must exist as well, whenever they were issued: a restore or a migration has recorded them
 * completely.
 */
async function lostAttested(
  connection: SqlConnection,
  detailOf: DetailOf,
  since: number,
): Promise<readonly Finding[]> {
  const begun = await firstAttestation(connection, detailOf, since);
  const found: { name: string | null; number: number }[] = [];
  for (let after = begun; found.length <= NAMED; ) {
    const events = await connection.all<{ seq: number; text: string }>(
      `select e.seq, e.text from audit_event e where e.seq > ? and e.action = 'credential.attest' and not ${IS_DELETED}
        order by e.seq limit ${PAGE}`,
      [after],
    );
    const attested = events.flatMap(({ text }) => versionsIn(text));
    const present = await idsOf(connection, attested);
    found.push(...attested.filter(({ credentialId, id }) => !present.has(`${credentialId} ${id}`)));
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE) break;
    after = last.seq;
  }
  return limited(found.map(lost), 'missing versions');
}

/** The attestations of a restore directly precede its own event. */
async function firstAttestation(
  connection: SqlConnection,
  detailOf: DetailOf,
  since: number,
): Promise<number> {
  if (since === 0) return 0;
  const row = await firstRow<{ seq: number | null }>(
    connection,
    `select max(seq) as seq from audit_event where seq < ? and action = 'store.restore'
      and ${detailOf('text', 'known_from')} <> 'present-store'`,
    [since],
  );
  const other = await firstRow<{ seq: number | null }>(
    connection,
    `select max(seq) as seq from audit_event where seq < ? and seq > ?
      and action not in ('credential.attest', 'owner.attest', 'store.restore')`,
    [since, Number(row?.seq ?? 0)],
  );
  return Number(other?.seq ?? row?.seq ?? 0);
}

interface Attested {
  readonly credentialId: string;
  readonly name: string | null;
  readonly id: string;
  readonly number: number;
}

function versionsIn(text: string): readonly Attested[] {
  const event = readEvent(text);
  const credentialId = event?.target.id ?? null;
  if (event === null || credentialId === null) return [];
  const versions = objectIn(objectIn(event.details, 'facts') ?? {}, 'versions') ?? {};
  return Object.entries(versions).map(([id, facts]) => ({
    credentialId,
    name: event.target.name,
    id,
    number: isObject(facts) ? (numberOf(facts['number']) ?? 0) : 0,
  }));
}

/** The existing ones among them, each as `CREDENTIAL VERSION`. */
async function idsOf(connection: SqlConnection, attested: readonly Attested[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let at = 0; at < attested.length; at += PAGE) {
    const ids = attested.slice(at, at + PAGE).map(({ id }) => id);
    const rows = await connection.all<{ credential_id: string; id: string }>(
      `select c.id as credential_id, v.id from version v join credential c on c.key = v.credential_key
        where v.id in (${placeholders(ids.length)})`,
      ids,
    );
    for (const { credential_id, id } of rows) found.add(`${credential_id} ${id}`);
  }
  return found;
}

/** Restores by older programs deleted credentials that were deleted since the backup, without an event for each. */
async function untoldDeletions(connection: SqlConnection, detailOf: DetailOf): Promise<readonly Finding[]> {
  const rows = await connection.all<{ id: string; name: string | null }>(
    `select t.credential_id as id,
        (select e.target_name from audit_event e where e.target_id = t.credential_id order by e.seq desc limit 1) as name
      from tombstone t
      where not exists (select 1 from audit_event d where d.target_id = t.credential_id
          and d.action in ('credential.delete', 'credential.discard'))
        and not exists (select 1 from audit_event r where r.action = 'store.restore' and r.at = t.deleted_at
          and ${detailOf('r.text', 'known_from')} <> 'present-store' and r.text not like '%"alg":%')
      order by t.credential_id limit ${NAMED + 1}`,
    [],
  );
  return limited(
    rows.map(({ id, name }) =>
      error(
        'accounts',
        `${name === null ? `the credential ${id}` : quote(name)} is listed as deleted, but no audit event says so`,
        `restore the store from a backup; ${WHO}`,
      ),
    ),
    'deletions without an audit event',
  );
}

function lost({ name, number }: { readonly name: string | null; readonly number: number }): Finding {
  return error(
    'accounts',
    `version ${number} of ${name ?? 'a credential'} was issued and never deleted, but is missing`,
    `restore the store from a backup; ${WHO}`,
  );
}

function limited(findings: readonly Finding[], what: string): readonly Finding[] {
  if (findings.length <= NAMED) return findings;
  return [...findings.slice(0, NAMED), error('accounts', `and more ${what} besides these ${NAMED}`, WHO)];
}

function numberIn(detailOf: DetailOf): string {
  return `cast(${detailOf('e.text', 'version')} as integer)`;
}

function idIn(detailOf: DetailOf): string {
  const handle = detailOf('e.text', 'handle');
  return `substr(${handle}, length(${handle}) - ${ID_LENGTH - 1})`;
}
