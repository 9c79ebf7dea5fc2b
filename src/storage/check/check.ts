import { trailFault } from '../../domain/ports/audit-port.js';
import type { Finding } from '../../domain/ports/store-port.js';
import { shellWord } from '../../domain/text/quote.js';
import { verifyAuditTrail } from '../sql/audit-trail.js';
import type { SqlConnection, SqlValue } from '../sql/connection.js';
import { VERSION_OF_HASH } from '../sql/credential-rows.js';
import { checkClock } from './clock.js';
import { checkContent } from './content.js';
import { checkDeliveries } from './deliveries.js';
import { error } from './finding.js';
import { checkAccounts, type DetailOf } from './issued-versions.js';
import { checkNames } from './names.js';
import { checkTokens } from './tokens.js';
import { checkTombstones } from './tombstones.js';
import { checkCatalog, checkTrail } from './trail.js';

/** Runs a query; parameters are written `?`. */
export type Ask = <Row>(text: string, parameters?: readonly SqlValue[]) => Promise<readonly Row[]>;

/** The remedy for damage. */
export const FROM_BACKUP = 'keep a copy of the store and restore it from a backup';

/** The parts of a check that differ between the engines. */
export interface EngineChecks {
  /** Damage of the database itself, and of its tables and indexes. */
  structure(): Promise<readonly Finding[]>;
  /** Violated foreign keys. */
  references(ask: Ask): Promise<readonly Finding[]>;
  /** SQL condition that is true for a hash `h.hash` of no known scheme. */
  readonly unknownHash: string;
  readonly detailOf: DetailOf;
  /** The remedy for a difference from the trail. */
  readonly trailFix: string;
  /** SQL condition that is true unless the uses of a credential, by its number, are still queued for removal. */
  isWiped(key: string): string;
  /** Findings on rows of deleted credentials that are still to be removed. */
  leftovers(ask: Ask): Promise<readonly Finding[]>;
}

/** The input of a check. */
interface Checked {
  readonly connection: SqlConnection;
  readonly ask: Ask;
  readonly engine: EngineChecks;
  /** Epoch milliseconds. */
  readonly now: number;
}

type Check = (checked: Checked) => Promise<readonly Finding[]>;

/** Checks for rows that cannot be read, which the other checks then cannot read either. */
const CONTENT: readonly Check[] = [
  ({ connection }) => checkContent(connection),
  ({ ask, engine }) => brokenHashes(ask, engine.unknownHash),
];

/** Checks derived from the audit trail, which are skipped where the trail itself is altered. */
const TRAIL: readonly Check[] = [
  ({ connection, engine }) => checkAccounts(connection, engine.detailOf),
  ({ connection, engine }) => checkTrail(connection, engine.trailFix),
  ({ connection }) => checkCatalog(connection),
];

const OTHERS: readonly Check[] = [
  ({ connection }) => checkNames(connection),
  ({ ask, engine }) => orphans(ask, engine),
  ({ ask, engine }) => engine.leftovers(ask),
  ({ connection }) => checkTombstones(connection),
  ({ connection, now }) => checkDeliveries(connection, now),
  ({ connection, now }) => checkClock(connection, now),
  ({ connection, now }) => checkTokens(connection, now),
];

/**
 * Checks a store for damage, contradictions between tables, and unfinished deliveries.
 *
 * @param now epoch milliseconds
 */
export async function checkStore(
  connection: SqlConnection,
  now: number,
  engine: EngineChecks,
): Promise<readonly Finding[]> {
  const ask: Ask = (text, parameters = []) => connection.all(text, parameters);
  const checked: Checked = { connection, ask, engine, now };
  const structure = await engine.structure();
  // Without its tables, a store cannot be queried further.
  if (structure.length > 0) return structure;
  const content = await all(CONTENT, checked);
  const audit = await alteredAudit(connection);
  const relations = [...(await engine.references(ask)), ...audit];
  if (content.length > 0) return [...content, ...relations];
  return [
    ...relations,
    ...(await contradictions(ask)),
    ...(audit.length > 0 ? [] : await all(TRAIL, checked)),
    ...(await all(OTHERS, checked)),
  ];
}

async function all(checks: readonly Check[], checked: Checked): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(checked)));
  return findings;
}

async function brokenHashes(ask: Ask, unknownHash: string): Promise<readonly Finding[]> {
  const rows = await ask<{ name: string; number: number }>(
    `select c.name, v.number from version_hash h ${VERSION_OF_HASH}
      join credential c on c.key = v.credential_key
      where ${unknownHash} limit 20`,
  );
  return rows.map((row) =>
    error(
      'hashes',
      `the hash of version ${row.number} of ${row.name} is of no known kind`,
      `credctl rotate ${shellWord(row.name)}`,
    ),
  );
}

async function alteredAudit(connection: SqlConnection): Promise<readonly Finding[]> {
  const result = await verifyAuditTrail(connection, null);
  if (result.valid) return [];
  return [
    error(
      'audit',
      trailFault(result),
      'compare the trail with an earlier export; do not trust any event after that one',
    ),
  ];
}

/** Orphaned rows that no foreign key prevents, and that no command leaves behind. */
async function orphans(ask: Ask, engine: EngineChecks): Promise<readonly Finding[]> {
  const secretless = await ask<{ name: string }>(
    `select name from credential c where not exists (select 1 from version v where v.credential_key = c.key)
      order by name_key limit 20`,
  );
  const unlisted = await ask<{ name: string }>(
    `select name from credential c where not exists (select 1 from last_use u where u.credential_key = c.key and u.number = 0)
      order by name_key limit 20`,
  );
  const misplaced = await ask<{ name: string }>(
    `select c.name from access_token t join version_hash h on h.version_id = t.version_id
      join credential c on c.key = h.credential_key where t.credential_id <> c.id
      order by c.name_key limit 20`,
  );
  const hashes = await ask<{ n: number }>(
    `select count(*) as n from version_hash h where not exists (select 1 from version v
      where v.credential_key = h.credential_key and v.number = h.number and v.id = h.version_id)`,
  );
  const uses = await ask<{ n: number }>(
    `select count(*) as n from last_use u where u.last_used_at <> 0 and ${engine.isWiped('u.credential_key')}
      and not exists (select 1 from version v where v.credential_key = u.credential_key and v.number = u.number)
      and not exists (select 1 from credential c where c.key = u.credential_key and u.number = 0)`,
  );
  return [
    ...secretless.map(({ name }) =>
      error('orphans', `${name} has no secrets at all`, `credctl delete ${shellWord(name)}`),
    ),
    ...unlisted.map(({ name }) => error('orphans', `${name} has lost the record of its uses`, FROM_BACKUP)),
    ...misplaced.map(({ name }) =>
      error('orphans', `an access token of ${name} names another credential`, FROM_BACKUP),
    ),
    ...leftBehind(hashes, 'hash'),
    ...leftBehind(uses, 'record of uses'),
  ];
}

/** Rows that a deletion removes by statement, since no foreign key does. */
function leftBehind([count]: readonly { readonly n: number }[], what: string): readonly Finding[] {
  const n = count?.n ?? 0;
  return n === 0 ? [] : [error('orphans', `a ${what} belongs to no version (${n} in all)`, FROM_BACKUP)];
}

async function contradictions(ask: Ask): Promise<readonly Finding[]> {
  const unhashed = await ask<{ name: string; number: number }>(
    `select c.name, v.number from version v join credential c on c.key = v.credential_key
      left join version_hash h on h.version_id = v.id and h.credential_key = v.credential_key and h.number = v.number
      where h.version_id is null limit 20`,
  );
  const revived = await ask<{ credential_id: string }>(
    'select t.credential_id from tombstone t join credential c on c.id = t.credential_id limit 20',
  );
  return [
    ...unhashed.map((row) =>
      error(
        'hashes',
        `version ${row.number} of ${row.name} has no hash`,
        `credctl rotate ${shellWord(row.name)}`,
      ),
    ),
    ...revived.map((row) =>
      error(
        'tombstones',
        `${row.credential_id} is listed as deleted, but exists`,
        `find out who changed the store without credctl: credctl audit --target ${shellWord(row.credential_id)} tells whether the credential was deleted; ${FROM_BACKUP}`,
      ),
    ),
  ];
}
