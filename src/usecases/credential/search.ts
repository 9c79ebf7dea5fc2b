import type { ActiveStatus, Credential } from '../../domain/credential/credential.js';
import type { StoreReader, TypedQuery } from '../../domain/ports/store-port.js';
import { allApis } from '../../domain/scope/catalog.js';
import { scopeStarts } from '../../domain/scope/scope-starts.js';
import { nameKey } from '../../domain/text/name.js';

/** What a person looks for. */
export interface CredentialSearch {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The status of those that come first. */
  readonly first: ActiveStatus | null;
  /** Only those with a version that is retiring. */
  readonly isRetiring?: true;
  /** Maximum number of credentials. */
  readonly limit: number;
}

/** Credentials that match a text. */
export interface CredentialMatches {
  readonly credentials: readonly Credential[];
  readonly hasMore: boolean;
}

type Filter = Pick<TypedQuery, 'search' | 'ownerId' | 'labelStart' | 'scopeStarts' | 'api'>;

/** Maximum numbers of owners and of APIs that a text stands for. */
const MOST_OWNERS = 5;
const MOST_APIS = 3;

/** Shorter texts are in so many names that those which begin with it come first. */
const LEAST_SELECTIVE = 3;

/**
 * A search for one credential in a store of any size. A text stands for what `list --search` finds by it, a whole id or
 * client id, and the start of an owner's name, of a label `key` or `key=value`, of a scope or a permission, and of an
 * API's id or title. Each is a query of its own for a page at most; the next one is asked while there are too few. An
 * index answers it, but for a text of one or two characters, which is in most names or else found by a scan.
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
  { text: typed, now, first, limit, isRetiring }: CredentialSearch,
): AsyncIterable<readonly Credential[]> {
  const text = typed.trim();
  const exact = text === '' || isRetiring === true ? null : await store.findCredential(text);
  if (exact !== null) yield [exact];
  const isShort = [...text].length < LEAST_SELECTIVE;
  if (text !== '' && isShort && isRetiring !== true)
    yield firstOnes(await byNameStart(store, text, limit), first);
  const filters: readonly Filter[] =
    text === '' ? [{}] : [{ search: text }, ...(await otherFilters(store, text))];
  const only = isRetiring === true ? { isRetiring } : {};
  for (const status of first === null ? [undefined] : [first, undefined]) {
    for (const filter of filters) {
      const query = { ...only, ...filter, ...(status === undefined ? {} : { status }) };
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
  const scopes = scopeStarts(catalog, text);
  const apis = allApis(catalog)
    .filter(({ id, title }) => id.startsWith(key) || title.toLowerCase().startsWith(text.toLowerCase()))
    .slice(0, MOST_APIS);
  return [
    ...owned.map(({ id }) => ({ ownerId: id })),
    ...labelStartOf(text),
    ...(scopes.length === 0 ? [] : [{ scopeStarts: scopes }]),
    ...apis.map(({ id }) => ({ api: id })),
  ];
}

/** The label that a text begins; none where it cannot be the key of one. */
function labelStartOf(text: string): readonly Filter[] {
  const [key = '', ...value] = text.split('=');
  if (!/^[\w./-]+$/.test(key)) return [];
  return [{ labelStart: { key, value: value.length === 0 ? null : value.join('=') } }];
}
