import type { StoreReader } from '../../domain/ports/store-port.js';
import { refuseSecret } from '../../domain/secret/secret-as-argument.js';
import { noOwner } from '../owner.js';

/**
 * Resolves an owner by name; null for null.
 *
 * @throws CredctlError `not_found`; `usage` when the name is a secret
 */
export async function resolveOwner(
  store: StoreReader,
  name: string | null,
): Promise<{ id: string; name: string; notes: readonly string[] } | null> {
  if (name === null) return null;
  refuseSecret(name);
  const owner = await store.findOwner(name);
  if (owner === null) {
    throw await noOwner(
      store,
      name,
      "see 'credctl owner list', or create the owner first with 'credctl owner create'",
    );
  }
  const notes =
    owner.kind === 'user'
      ? [`${owner.name} is a person; a service account is the better owner, because people leave`]
      : [];
  const inactive =
    owner.status === 'inactive'
      ? [`the owner ${owner.name} is inactive: the credential does not work until the owner is activated`]
      : [];
  return { id: owner.id, name: owner.name, notes: [...notes, ...inactive] };
}
