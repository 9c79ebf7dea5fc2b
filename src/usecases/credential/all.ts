import type { Credential } from '../../domain/credential/credential.js';
import type { CredentialQuery, StoreReader } from '../../domain/ports/store-port.js';

/** Credentials read per page. */
const PAGE = 200;

/** All credentials that a query selects, by name. */
export async function allCredentials(
  store: StoreReader,
  query: Omit<CredentialQuery, 'sort' | 'limit' | 'cursor'>,
): Promise<readonly Credential[]> {
  const found: Credential[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.listCredentials({
      ...query,
      sort: 'name',
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}
