import type { Credential } from '../../../domain/credential/credential.js';
import type { StoreReader } from '../../../domain/ports/store-port.js';

const PAGE = 500;

/** All credentials, read in pages. */
export async function* everyCredential(store: StoreReader, now: number): AsyncGenerator<Credential> {
  let cursor: string | null = null;
  do {
    const page = await store.listCredentials({
      now,
      sort: 'name',
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** The ids of all credentials, collected first: paging is not stable while the rows change. */
export async function allCredentialIds(store: StoreReader, now: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of everyCredential(store, now)) ids.push(id);
  return ids;
}

/** Names of the backup's credentials that the present store no longer has. */
export async function deletedSince(backup: StoreReader, present: StoreReader): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { id, name } of everyCredential(backup, 0)) {
    if ((await present.findCredential(id)) === null) names.push(name);
  }
  return names;
}
