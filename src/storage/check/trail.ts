import type { Finding } from '../../domain/ports/store-port.js';
import { shellWord } from '../../domain/text/quote.js';
import { type Difference, differencesFromTrail } from '../../domain/trail/compare.js';
import type { HeldCredential } from '../../domain/trail/held.js';
import type { SqlConnection } from '../sql/connection.js';
import { isCatalogTold } from '../sql/trail/catalog-digest.js';
import { heldAfter } from '../sql/trail/held-rows.js';
import { ToldByTrail } from '../sql/trail/told.js';
import { error } from './finding.js';
import { checkOwners } from './owners.js';

/** Credentials read at once. */
const PAGE = 500;

/** Upper bound of differences that are listed. */
const NAMED = 1_000;

/** The remedy for a difference in a store in a file. */
export const FIX_IN_FILE =
  'find out who changed the store without credctl; restore an earlier backup, which follows the audit trail: credctl store restore FILE';
/** The remedy for a difference in a store in a database. */
export const FIX_IN_DATABASE =
  'find out who changed the store without credctl; correct it with credctl edit, deactivate or rotate --now, or restore an earlier backup of the database';

/** Compares the catalog with the digest in the verified trail. */
export async function checkCatalog(connection: SqlConnection): Promise<readonly Finding[]> {
  if (await isCatalogTold(connection)) return [];
  return [
    error(
      'catalog',
      'the catalog is not the last one applied according to the audit trail',
      'find out who changed the store without credctl; check it with credctl catalog show, and apply the right one: credctl catalog apply -f FILE',
    ),
  ];
}

/**
 * Compares credentials and owners with what a verified trail says of them, and lists each difference.
 *
 * @param fix the remedy for one
 */
export async function checkTrail(connection: SqlConnection, fix: string): Promise<readonly Finding[]> {
  const told = await ToldByTrail.read(connection);
  const found: Finding[] = [...(await checkOwners(connection, told.owners, fix))];
  let more = 0;
  for (let after = ''; ; ) {
    const page: readonly HeldCredential[] = await heldAfter(connection, after, PAGE);
    const derived = await told.credentials(page.map(({ id }) => id));
    for (const held of page) {
      const must = derived.get(held.id);
      for (const difference of must === undefined ? [] : differencesFromTrail(held, must)) {
        // Reported by the comparison of issued versions instead.
        if (difference.what === 'version') continue;
        if (found.length < NAMED) found.push(toFinding(held.name, difference, fix));
        else more += 1;
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.id;
  }
  return more === 0
    ? found
    : [...found, error('trail', `${more} more differences from the audit trail`, fix)];
}

const WHAT: Readonly<Record<Difference['what'], string>> = {
  existence: 'existence',
  name: 'name',
  type: 'type',
  status: 'status',
  client_id: 'client id',
  scopes: 'scopes',
  owner: 'owner',
  expiry: 'expiry',
  canary: 'mark as a canary',
  version: 'number',
  hash: 'hash',
  end: 'end',
  delivery: 'delivery',
  lapse: 'time to lapse',
  grace: 'grace',
};

function toFinding(name: string, { what, version, held, told }: Difference, fix: string): Finding {
  const whose = `${version === null ? '' : `version ${version} of `}${name}`;
  if (what === 'hash') {
    return error(
      'trail',
      `the hash of ${whose} is not the one that was issued: another secret works than the one delivered`,
      `credctl rotate ${shellWord(name)} --now ends it; ${fix}`,
    );
  }
  const of = what === 'grace' ? 'given by' : 'of';
  return error(
    'trail',
    `the ${WHAT[what]} ${of} ${whose} ${what === 'scopes' ? 'are' : 'is'} ${held}, but ${told} according to the audit trail`,
    fix,
  );
}
