/** A store that has been in use for a while, and all that it shows. */

import { CREDENTIAL_STATUSES } from '../../../src/domain/credential/credential.js';
import { CREDENTIAL_SORTS, type CredentialQuery, type Store } from '../../../src/domain/ports/store-port.js';
import { handleOf } from '../../../src/domain/secret/secret-format.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { added, existing } from '../contract/opened.js';
import { LABELS, NOW, type Population, populate, SCOPES } from '../contract/population.js';
import { anEntry, newVersionId, UNDELIVERED } from '../fixtures.js';

/** A population, and besides what one has only with time: tokens, a rotation, a deletion, a delivery that is cut off. */
export interface Filled {
  readonly population: Population;
  readonly tokens: readonly string[];
  /** Ids of versions that were deleted with their credential. */
  readonly deleted: readonly string[];
}

export async function fill(store: Store): Promise<Filled> {
  const population = await populate(store, 60);
  const rotated = await added(
    store,
    { name: 'rotated', type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' },
    [{ retiresAt: START }, { ...UNDELIVERED, lapsesAt: START + 5 }, {}],
  );
  const gone = await added(store, { name: 'gone' }, [{}, {}]);
  const tokens = rotated.versions.map(() => newVersionId());
  await store.write(async (tx) => {
    for (const [index, { id: versionId }] of rotated.versions.entries()) {
      await tx.recordUse(versionId, START + index, null);
      await tx.insertToken({
        id: existing(tokens[index]),
        credentialId: rotated.id,
        versionId,
        digest: 'd'.repeat(64),
        scopes: ['data:users'],
        issuedAt: START,
        expiresAt: START + 60_000,
      });
    }
    for (const { id, name, versions } of [...population.credentials, rotated]) {
      for (const version of versions) {
        await tx.appendAudit(
          anEntry({
            action: version.number === 1 ? 'credential.create' : 'credential.rotate',
            target: { kind: 'credential', id, name },
            details: { version: version.number, handle: handleOf('cctl', 'key', version.id) },
          }),
          START,
        );
      }
    }
    await tx.deleteCredential(gone.id, START + 9);
    await tx.appendAudit(
      anEntry({
        action: 'credential.delete',
        target: { kind: 'credential', id: gone.id, name: gone.name },
      }),
      START,
    );
  });
  return { population, tokens, deleted: gone.versions.map(({ id }) => id) };
}

/** Everything that commands can be told by a store, but for its size. */
export async function seen(store: Store, filled: Filled): Promise<unknown> {
  return {
    ...(await shown(store, filled)),
    overdue: await store.write(async (tx) =>
      (await tx.overdueVersions(NOW)).toSorted((one, other) => (one.version.id < other.version.id ? -1 : 1)),
    ),
    findings: (await store.check(NOW)).filter(
      ({ check, message }) => check !== 'backups' && check !== 'rights' && !ofFixtures(message),
    ),
  };
}

/** The part of it that is asked for without a change or a check. */
export async function shown(store: Store, { population, tokens, deleted }: Filled): Promise<object> {
  const queries: readonly Partial<CredentialQuery>[] = [
    ...CREDENTIAL_SORTS.flatMap((sort) => [
      { sort },
      { sort, type: 'oauth2' as const },
      { sort, unusedSince: NOW },
    ]),
    ...CREDENTIAL_STATUSES.map((status) => ({ status })),
    ...SCOPES.map((scope) => ({ scope })),
    ...LABELS.map((label) => ({ label })),
    ...population.owners.map(({ id }) => ({ ownerId: id })),
    ...['nightly', 'b', 'bot-4'].map((search) => ({ search })),
    { dueBy: NOW },
  ];
  const lists = [];
  for (const query of queries) lists.push(await pagesOf(store, query));
  const all = await pagesOf(store, {});
  const versions = all.flatMap((credential) => credential.versions);
  const { items } = await store.listAudit({ limit: 1_000 });
  return {
    lists,
    found: await inTurn(all, ({ id, name, clientId }) =>
      inTurn([id, name, clientId ?? name], (reference) => store.findCredential(reference)),
    ),
    comparable: await inTurn(versions, ({ id }) => store.findComparable(id)),
    presented: await inTurn(versions, ({ id }) => store.findPresentedVersion(id)),
    tokens: await inTurn(tokens, (id) => store.findPresentedToken(id)),
    deletedVersions: await inTurn(deleted, (id) => store.findDeleted(id)),
    owners: await store.listOwners(),
    deleted: await store.deletedCredentials(10),
    settings: await store.settings(),
    catalog: await store.catalog(),
    events: items.filter(({ event }) => !/^store\.migrate$|\.attest$/.test(event.action)),
  };
}

/** What a migration tells the trail: the fixtures make their owners without events. */
function ofFixtures(message: string): boolean {
  return /^the owner .* was never created according to the audit trail$/.test(message);
}

async function pagesOf(store: Store, query: Partial<CredentialQuery>) {
  const pages = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const after = cursor === undefined ? {} : { cursor };
    const page = await store.listCredentials({ now: NOW, sort: 'name', limit: 25, ...query, ...after });
    pages.push(page.items);
    cursor = page.nextCursor;
  }
  return pages.flat();
}

async function inTurn<T, R>(list: readonly T[], look: (entry: T) => Promise<R>): Promise<readonly R[]> {
  const answers: R[] = [];
  for (const entry of list) answers.push(await look(entry));
  return answers;
}
