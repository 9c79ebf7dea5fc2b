import type { Finding } from '../../domain/ports/store-port.js';
import { quote } from '../../domain/text/quote.js';
import type { DerivedOwner } from '../../domain/trail/derived.js';
import type { SqlConnection } from '../sql/connection.js';
import { error } from './finding.js';

interface HeldOwner {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly credentials: number;
}

/**
 * Compares owners with what a verified trail says of them.
 *
 * @param owners by their ids
 * @param fix the remedy for a difference
 */
export async function checkOwners(
  connection: SqlConnection,
  owners: ReadonlyMap<string, DerivedOwner>,
  fix: string,
): Promise<readonly Finding[]> {
  const rows = await connection.all<HeldOwner>(
    `select id, name, kind, status, (select count(*) from credential c where c.owner_id = owner.id) as credentials
      from owner order by id`,
    [],
  );
  const held = new Set(rows.map(({ id }) => id));
  const lost = [...owners].flatMap(([id, { isDeleted, name }]) =>
    isDeleted || name === undefined || held.has(id)
      ? []
      : [`the owner ${quote(name)} is missing, but was never deleted according to the audit trail`],
  );
  return [...rows.flatMap((row) => differences(row, owners.get(row.id))), ...lost].map((message) =>
    error('trail', message, fix),
  );
}

function differences(held: HeldOwner, told: DerivedOwner | undefined): readonly string[] {
  const whose = `the owner ${held.name}`;
  // An owner unknown to the trail has no effect unless credentials belong to it.
  if (told === undefined) {
    return Number(held.credentials) === 0
      ? []
      : [`${whose}, who has credentials, was never created according to the audit trail`];
  }
  if (told.isDeleted) return [`${whose} exists, but was deleted according to the audit trail`];
  return (['name', 'kind', 'status'] as const).flatMap((what) =>
    told[what] === undefined || told[what] === held[what]
      ? []
      : [
          `the ${what} of ${whose} is ${quote(held[what])}, but ${quote(told[what])} according to the audit trail`,
        ],
  );
}
