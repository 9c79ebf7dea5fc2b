import type { ActiveStatus, Credential } from '../../domain/credential/credential.js';
import { CredctlError } from '../../domain/errors.js';
import type { CredentialQuery, StoreReader } from '../../domain/ports/store-port.js';
import { allApis } from '../../domain/scope/catalog.js';
import { possibleScopes } from '../../domain/scope/possible-scopes.js';
import { nameKey, parseLabel } from '../../domain/text/name.js';

/** What a person looks for. */
export interface CredentialSearch {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The status of those that come first. */
  readonly first: ActiveStatus | null;
  /** Maximum number of credentials. */
  readonly limit: number;
}

/** Credentials that match a text. */
export interface CredentialMatches {
  readonly credentials: readonly Credential[];
  readonly hasMore: boolean;
}

type Filter = Pick<CredentialQuery, 'search' | 'ownerId' | 'label' | 'scope' | 'api'>;

/** Maximum numbers of owners, of APIs and of scopes that a text stands for. */
const MOST_OWNERS = 5;
const MOST_APIS = 3;
const MOST_SCOPES = 8;

/** The trigram index of names and descriptions needs as many characters. */
const LEAST_INDEXED = 3;

/**
 * A search for one credential in a store of any size. A text stands for a part of a name or a description (shorter than
 * three characters: the start of a name), a whole id, client id or handle, the start of an owner's name, a label
 * `key=value`, a scope or its start from the colon on, and the start of an API's id or title. Each is a query of its own,
 * which an index answers, for a page at most; the next one is asked while there are too few.
 *
 * @param isStale gives way to other work between two queries, and says whether the answer is of no use any more
 */
export async function searchCredentials(
  store: StoreReader,
  search: CredentialSearch,
  isStale: () => Promise<boolean> = async () => false,
): Promise<CredentialMatches> {
  const found = new Map<string, Credential>();
  for await (const part of partsOf(store, search)) {
    for (const credential of part) found.set(credential.id, credential);
    if (found.size > search.limit || (await isStale())) break;
  }
  const credentials = [...found.values()].slice(0, search.limit);
  return { credentials, hasMore: found.size > search.limit };
}

async function* partsOf(
  store: StoreReader,
  { text: typed, now, first, limit }: CredentialSearch,
): AsyncIterable<readonly Credential[]> {
  const text = typed.trim();
  const exact = text === '' ? null : await store.findCredential(text);
  if (exact !== null) yield [exact];
  const isShort = [...text].length < LEAST_INDEXED;
  if (text !== '' && isShort) yield firstOnes(await byNameStart(store, text, limit), first);
  const filters: readonly Filter[] =
    text === '' ? [{}] : [...(isShort ? [] : [{ search: text }]), ...(await otherFilters(store, text))];
  for (const status of first === null ? [undefined] : [first, undefined]) {
    for (const filter of filters) {
      const query = { ...filter, ...(status === undefined ? {} : { status }) };
      yield (await store.listCredentials({ now, sort: 'name', limit: limit + 1, ...query })).items;
    }
  }
}

async function byNameStart(store: StoreReader, text: string, limit: number): Promise<readonly Credential[]> {
  const found: Credential[] = [];
  for (const name of await store.credentialNames(text, limit + 1)) {
    const credential = await store.findCredential(name);
    if (credential !== null) found.push(credential);
  }
  return found;
}

function firstOnes(credentials: readonly Credential[], first: ActiveStatus | null): readonly Credential[] {
  return [
    ...credentials.filter(({ status }) => status === first),
    ...credentials.filter(({ status }) => status !== first),
  ];
}

/** Filters that a text stands for besides names and descriptions. */
async function otherFilters(store: StoreReader, text: string): Promise<readonly Filter[]> {
  const key = nameKey(text);
  const catalog = await store.catalog();
  const owned = await store.ownersByName(text, MOST_OWNERS);
  const apis = allApis(catalog)
    .filter(({ id, title }) => id.startsWith(key) || title.toLowerCase().startsWith(text.toLowerCase()))
    .slice(0, MOST_APIS);
  return [
    ...owned.map(({ id }) => ({ ownerId: id })),
    ...labelOf(text),
    ...(text.includes(':') ? startingWith(possibleScopes(catalog), key) : []).map((scope) => ({ scope })),
    ...apis.map(({ id }) => ({ api: id })),
  ];
}

function labelOf(text: string): readonly Filter[] {
  if (!text.includes('=')) return [];
  try {
    return [{ label: parseLabel(text) }];
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'usage') return [];
    throw fault;
  }
}

function startingWith(scopes: Iterable<string>, start: string): readonly string[] {
  const found: string[] = [];
  for (const scope of scopes) {
    if (scope.toLowerCase().startsWith(start) && found.push(scope) === MOST_SCOPES) break;
  }
  return found;
}
