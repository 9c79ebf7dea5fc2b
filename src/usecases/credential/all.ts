import type { Credential } from '../../domain/credential/credential.js';
import type { CredentialQuery, StoreReader } from '../../domain/ports/store-port.js';

/** Credentials read per page. */
const PAGE = 200;

/** The credentials that a query selects, by name, in pages of which one at a time is held. */
export async function* pagesOfCredentials(
  store: StoreReader,
  query: Omit<CredentialQuery, 'sort' | 'limit' | 'cursor'>,
  size = PAGE,
): AsyncGenerator<readonly Credential[]> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<StoreReader['listCredentials']>> = await store.listCredentials({
      ...query,
      sort: 'name',
      limit: size,
      ...(cursor === null ? {} : { cursor }),
    });
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** All credentials that a query selects, by name; each once, also one that is renamed between two pages. */
export async function allCredentials(
  store: StoreReader,
  query: Omit<CredentialQuery, 'sort' | 'limit' | 'cursor'>,
): Promise<readonly Credential[]> {
  const found = new Map<string, Credential>();
  for await (const page of pagesOfCredentials(store, query)) {
    for (const credential of page) if (!found.has(credential.id)) found.set(credential.id, credential);
  }
  return [...found.values()];
}
