import type { AuditEntry } from '../../../domain/ports/audit-port.js';
import type { Attested } from '../../../domain/ports/migration-port.js';
import type { Author } from '../../../domain/ports/ports.js';
import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import { attestedFacts } from '../../../domain/trail/attest.js';
import { differencesFromTrail } from '../../../domain/trail/compare.js';
import type { HeldCredential } from '../../../domain/trail/held.js';
import { factsJson } from '../../../domain/trail/pending-facts.js';
import type { SqlConnection } from '../connection.js';
import { heldAfter } from './held-rows.js';
import type { ToldByTrail } from './told.js';

/** Credentials read and attested at once. */
const PAGE = 500;

/** What to attest, and by whom. */
export interface Attestation {
  readonly author: Author;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the trail says already, which takes precedence over the tables; null to trust the tables. */
  readonly told: ToldByTrail | null;
}

/**
 * Attestation: appends an event for every owner and credential with all its properties, which the trail requires
 * from then on.
 *
 * @returns counts, and the names of those that contradict the trail
 */
export async function attestAll(
  connection: SqlConnection,
  transaction: Pick<StoreTransaction, 'appendAudits'>,
  { author, now, told }: Attestation,
): Promise<Attested> {
  const owners = await heldOwners(connection);
  await transaction.appendAudits(ownerEntries(owners, author, told), now);
  const contradicted = wrongOwners(owners, told);
  let [credentials, hashes] = [0, 0];
  for (let after = ''; ; ) {
    const page: readonly HeldCredential[] = await heldAfter(connection, after, PAGE);
    const derived = (await told?.credentials(page.map(({ id }) => id))) ?? null;
    const entries = page.map((held): AuditEntry => {
      const before = derived?.get(held.id) ?? null;
      if (before !== null && differencesFromTrail(held, before).length > 0) contradicted.push(held.name);
      for (const { id, sha256 } of held.versions) {
        if (sha256 !== null && before?.versions.get(id)?.sha256 === undefined) hashes += 1;
      }
      return {
        ...author,
        action: 'credential.attest',
        target: { kind: 'credential', id: held.id, name: held.name },
        details: { facts: factsJson(attestedFacts(held, before, now)) },
      };
    });
    await transaction.appendAudits(entries, now);
    credentials += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return { credentials, hashes, contradicted };
    after = last.id;
  }
}

type HeldOwner = {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
};

async function heldOwners(connection: SqlConnection): Promise<readonly HeldOwner[]> {
  return connection.all<HeldOwner>('select id, name, kind, status from owner order by id', []);
}

function ownerEntries(
  owners: readonly HeldOwner[],
  author: Author,
  told: ToldByTrail | null,
): readonly AuditEntry[] {
  return owners.map(({ id, name, kind, status }): AuditEntry => {
    const before = told?.owners.get(id);
    const facts = {
      name: before?.name ?? name,
      kind: before?.kind ?? kind,
      status: before?.status ?? status,
    };
    return { ...author, action: 'owner.attest', target: { kind: 'owner', id, name }, details: { facts } };
  });
}

/** Names of owners that differ from the trail, as messages show them. */
function wrongOwners(owners: readonly HeldOwner[], told: ToldByTrail | null): string[] {
  const held = new Set(owners.map(({ id }) => id));
  const lost = [...(told?.owners ?? [])].flatMap(([id, { isDeleted, name }]) =>
    isDeleted || name === undefined || held.has(id) ? [] : [name],
  );
  const changed = owners.filter((owner) => {
    const before = told?.owners.get(owner.id);
    if (before === undefined) return false;
    return (
      before.isDeleted ||
      (['name', 'kind', 'status'] as const).some(
        (what) => before[what] !== undefined && before[what] !== owner[what],
      )
    );
  });
  return [...changed.map(({ name }) => name), ...lost].map((name) => `owner ${name}`);
}
