import type { FormerCredential } from '../../domain/credential/verdict.js';
import { CredctlError } from '../../domain/errors.js';
import type { DeletedCredential, StoreReader } from '../../domain/ports/store-port.js';
import { parseHandle } from '../../domain/secret/handle.js';
import type { ParsedSecret } from '../../domain/secret/secret-format.js';

/**
 * The deleted credential that a handle belonged to. Null for any other handle, an access token's included (nothing of
 * those is kept), and where this login may not read tombstones.
 */
export async function formerCredential(
  store: StoreReader,
  { prefix, kind, id }: Pick<ParsedSecret, 'prefix' | 'kind' | 'id'>,
): Promise<FormerCredential | null> {
  if (kind === 'tok' || prefix !== (await store.settings()).prefix) return null;
  const former = await readable(() => store.findDeleted(id));
  if (former === null || (former.clientId === null) !== (kind === 'key')) return null;
  return { id: former.id, name: former.name, deletedAt: former.deletedAt };
}

/** As {@link formerCredential}, for a reference that may be a handle, an id or a client id. */
export async function formerByReference(
  store: StoreReader,
  reference: string,
): Promise<FormerCredential | null> {
  const handle = parseHandle(reference);
  if (handle !== null) return formerCredential(store, handle);
  const former = await readable(() => store.findDeletedById(reference));
  return former === null ? null : { id: former.id, name: former.name, deletedAt: former.deletedAt };
}

async function readable(find: () => Promise<DeletedCredential | null>): Promise<DeletedCredential | null> {
  try {
    return await find();
  } catch (fault) {
    if (fault instanceof CredctlError && fault.code === 'denied') return null;
    throw fault;
  }
}
