import fc from 'fast-check';
import {
  type Credential,
  credentialStatus,
  type Owner,
  storedScopesOf,
} from '../../../src/domain/credential/credential.js';
import type { CredentialSort, Store, TypedQuery } from '../../../src/domain/ports/store-port.js';
import type { Catalog } from '../../../src/domain/scope/catalog.js';
import { findApi } from '../../../src/domain/scope/catalog-index.js';
import { presentScope } from '../../../src/domain/scope/present-scopes.js';
import { formatScope, parseRequirement, satisfies } from '../../../src/domain/scope/scope.js';
import { scopeSelection } from '../../../src/domain/scope/scope-selection.js';
import type { Listing } from '../../../src/storage/sql/listing/terms.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { newStorePlan } from '../../support/stores/stores.js';
import { aNewCredential, anEntry, anOwner, aVersion } from '../fixtures.js';
import { existing, hashOf } from './opened.js';

/** The moment of the listings; times around it are drawn from a handful, so that many are the same. */
export const NOW = START + 1_000;
const TIMES = [NOW - 300, NOW - 200, NOW - 100, NOW - 1, NOW, NOW + 1, NOW + 100] as const;

export const SCOPES = [
  ...['data:*', 'data:users', 'data:conversations', 'events:messages'],
  ...[
    'archive:read@org/acme',
    'old:*@account/eu',
    'archive:read@workspace/berlin',
    'older:write@workspace/oslo',
  ],
] as const;

/** The preset, and an API on a tree of resources that had two other ids before. */
const CATALOG: Catalog = {
  ...newStorePlan().catalog,
  apis: [
    ...newStorePlan().catalog.apis,
    {
      id: 'archive',
      aliases: ['old', 'older'],
      title: 'Archive',
      types: ['api-key', 'oauth2'],
      resource: 'workspace',
      accessTokenTtl: 60,
      permissions: ['read', 'write'].map((id) => ({ id, title: id, description: null })),
    },
  ],
  resources: [
    {
      id: 'acme',
      accounts: [
        { id: 'eu', workspaces: ['berlin', 'oslo'] },
        { id: 'us', workspaces: ['austin'] },
      ],
    },
  ],
};
export const LABELS = [
  { key: 'env', value: 'prod' },
  { key: 'env', value: 'dev' },
  { key: 'team', value: 'a b' },
] as const;
/** The owners, of whom the last is switched off. */
export const OWNER_NAMES = ['ci', 'crm', 'former'] as const;
const WORDS = ['nightly', 'Sync', '100%', 'a_b', 'back\\slash', 'ÄRGER', ''] as const;

/** A credential, its owner, and when it was last used. */
const individual = fc.record({
  change: fc.record({
    type: fc.constantFrom('api-key', 'oauth2'),
    status: fc.constantFrom('active', 'active', 'inactive'),
    scopes: fc.uniqueArray(fc.constantFrom(...SCOPES), { minLength: 1, maxLength: 3 }),
    labels: fc
      .uniqueArray(fc.constantFrom(...LABELS), { selector: (label) => label.key })
      .map((labels) => new Map(labels.map(({ key, value }) => [key, value]))),
    description: fc.option(fc.constantFrom(...WORDS)),
    createdAt: fc.constantFrom(...TIMES),
    expiresAt: fc.option(fc.constantFrom(...TIMES)),
    rotationDueAt: fc.option(fc.constantFrom(...TIMES)),
  }),
  owner: fc.option(fc.nat({ max: OWNER_NAMES.length - 1 })),
  usedAt: fc.option(fc.constantFrom(...TIMES)),
});

/** What a store was filled with. */
export interface Population {
  readonly owners: readonly Owner[];
  readonly credentials: readonly Credential[];
}

/** A query as the listing takes it, once the filters by scopes are resolved. */
export function resolved(query: TypedQuery): Listing {
  const { api: _, scope: __, can: ___, ...rest } = query;
  return { ...rest, ...scopeSelection(CATALOG, query) };
}

/** Fills a store with the same credentials every time. */
export async function populate(store: Store, size: number): Promise<Population> {
  const owners = OWNER_NAMES.map((name) =>
    anOwner({ name, status: name === 'former' ? 'inactive' : 'active' }),
  );
  const individuals = fc.sample(individual, { seed: 20_300_101, numRuns: size });
  return store.write(async (tx) => {
    await tx.replaceCatalog(CATALOG, START);
    const target = { kind: 'catalog', id: null, name: CATALOG.name } as const;
    await tx.appendAudit(anEntry({ action: 'catalog.replace', target, details: {} }), START);
    for (const owner of owners) await tx.insertOwner(owner);
    const credentials: Credential[] = [];
    for (const [index, { change, owner, usedAt }] of individuals.entries()) {
      const name = `${index % 2 === 0 ? 'Bot' : 'bot'}-${(index * 7_919) % 1_000}_${index}`;
      const ownerId = owner === null ? null : existing(owners[owner]).id;
      const credential = aNewCredential({ name, ...change, ownerId });
      await tx.insertCredential(credential);
      const version = aVersion({ credentialId: credential.id });
      await tx.insertVersion({ version, hash: hashOf(version.id) });
      if (usedAt !== null) await tx.recordUse(version.id, usedAt, null);
      credentials.push(existing(await tx.findCredential(credential.id)));
    }
    return { owners, credentials };
  });
}

/** Whether a query selects a credential, said as plainly as possible. */
export function selects(query: TypedQuery, credential: Credential): boolean {
  const status = credentialStatus(credential, query.now);
  const { type, api, scope, can, ownerId, label, dueBy, unusedSince, usedAfter, search } = query;
  if (type !== undefined && credential.type !== type) return false;
  if (query.status !== undefined && status !== query.status) return false;
  const held = storedScopesOf(credential).map((text) => formatScope(presentScope(CATALOG, text)));
  if (api !== undefined && !held.some((text) => text.startsWith(`${findApi(CATALOG, api)?.id}:`)))
    return false;
  if (scope !== undefined && !held.includes(formatScope(presentScope(CATALOG, scope)))) return false;
  if (can !== undefined && !satisfies(CATALOG, held, formatScope(parseRequirement(CATALOG, can))))
    return false;
  if (ownerId !== undefined && credential.owner?.id !== ownerId) return false;
  if (label !== undefined && credential.labels.get(label.key) !== label.value) return false;
  if (dueBy !== undefined) {
    if (query.status === undefined && status !== 'active') return false;
    if (credential.rotationDueAt === null || credential.rotationDueAt > dueBy) return false;
  }
  if (unusedSince !== undefined) {
    if ((credential.lastUsedAt ?? credential.createdAt) > unusedSince) return false;
    if (credential.createdAt > unusedSince) return false;
  }
  const { expiresFrom, expiresBy } = query;
  if (expiresFrom !== undefined || expiresBy !== undefined) {
    const { expiresAt } = credential;
    if (expiresAt === null) return false;
    if (expiresAt < (expiresFrom ?? 0) || expiresAt > (expiresBy ?? expiresAt)) return false;
  }
  if (usedAfter !== undefined && (credential.lastUsedAt ?? 0) <= Math.max(0, usedAfter)) return false;
  if (search !== undefined) {
    const texts = [credential.name, credential.description ?? ''];
    return texts.some((text) => text.toLowerCase().includes(search.toLowerCase()));
  }
  return true;
}

/** Negative when `a` comes before `b`, zero when the order between them is open. */
export function compare(sort: CredentialSort, a: Credential, b: Credential): number {
  switch (sort) {
    case 'name':
      return a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;
    case 'created':
      return b.createdAt - a.createdAt;
    case 'last-used':
      return (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0);
    case 'expires':
      return (a.expiresAt ?? Number.MAX_SAFE_INTEGER) - (b.expiresAt ?? Number.MAX_SAFE_INTEGER);
  }
}

/** Every credential that a query selects, fetched a page at a time. */
export async function allPages(store: Store, query: TypedQuery): Promise<readonly Credential[]> {
  const found: Credential[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.listCredentials(cursor === null ? query : { ...query, cursor });
    if (page.items.length > query.limit) throw new RangeError('the page is longer than asked for');
    if (page.nextCursor !== null && page.items.length < query.limit) throw new RangeError('a short page');
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}
