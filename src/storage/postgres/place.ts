import { quote } from '../../domain/text/quote.js';
import type { Placed } from '../placed.js';
import { firstRow, type SqlConnection } from '../sql/connection.js';

/**
 * The place recorded in a store's column `place`: the cluster's system identifier, which initdb and pg_upgrade
 * generate, and the database's OID, which is not reused within the cluster.
 */
interface DatabasePlace {
  readonly cluster: string;
  readonly oid: string;
  readonly name: string;
  /** The store's id at that time; a copy that was adopted has a new id since. */
  readonly store: string;
}

interface Present {
  readonly store: string;
  readonly place: string | null;
  readonly oid: string;
  readonly name: string;
  readonly may_ask: string;
}

const LOOK = `select s.store_id as store, s.place, d.oid::text as oid, d.datname::text as name,
    pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')::text as may_ask
  from store s, pg_catalog.pg_database d where d.datname = pg_catalog.current_database()`;

/** The cluster's identifier, and the present name of the database with the recorded OID; null where it was dropped. */
const CLUSTER = `select c.system_identifier::text as cluster,
    (select datname::text from pg_catalog.pg_database where oid::text = ?) as former
  from pg_catalog.pg_control_system() c`;

const UNKNOWN: Placed = { placing: { kind: 'same' }, toRemember: null };

/**
 * Compares the recorded place with the present database. Where the login may not call pg_control_system(), which
 * `public` may by default, the place is unknown and nothing is recorded.
 *
 * Never connects to the recorded database: code that its owner has put there would run with this login's rights.
 */
export async function placedInDatabase(connection: SqlConnection): Promise<Placed> {
  const found = await firstRow<Present>(connection, LOOK);
  if (found?.may_ask !== 'true') return UNKNOWN;
  const { oid, name, store } = found;
  const written = found.place === null ? null : parsePlace(found.place);
  const remembered = written?.store === store ? written : null;
  const asked = await firstRow<{ cluster: string; former: string | null }>(connection, CLUSTER, [
    remembered?.oid ?? oid,
  ]);
  if (asked === null) return UNKNOWN;
  const { cluster, former } = asked;
  const present = JSON.stringify({ cluster, oid, name, store });
  const toRemember = present === found.place ? null : present;
  const isSameCluster = remembered?.cluster === cluster;
  if (remembered === null || (isSameCluster && remembered.oid === oid)) {
    return { placing: { kind: 'same' }, toRemember };
  }
  if (isSameCluster && former !== null) {
    return { placing: { kind: 'copy', of: `the database ${quote(former)}` }, toRemember: null };
  }
  // Dropped and recreated under its name, from a dump say.
  if (isSameCluster && remembered.name === name) return { placing: { kind: 'same' }, toRemember };
  const from = `the database ${quote(remembered.name)}${isSameCluster ? '' : ' of another server'}`;
  return { placing: { kind: 'moved', from }, toRemember };
}

/** Null for what cannot be parsed, as for an empty column: a store copied from a file records another kind of place. */
function parsePlace(text: string): DatabasePlace | null {
  try {
    const place: unknown = JSON.parse(text);
    if (typeof place !== 'object' || place === null) return null;
    const { cluster, oid, name, store } = place as Readonly<Record<string, unknown>>;
    return typeof cluster === 'string' &&
      typeof oid === 'string' &&
      typeof name === 'string' &&
      typeof store === 'string'
      ? { cluster, oid, name, store }
      : null;
  } catch {
    return null;
  }
}
