import { conflictError } from '../../domain/errors.js';
import { maskSecrets } from '../../domain/secret/secret-format.js';
import { type ChangeDependencies, change } from '../change.js';
import type { Dependencies } from '../dependencies.js';

/** What became of a copy. */
export interface Adopted {
  readonly storeId: string;
  readonly formerId: string;
  /** Where the store is that it was copied from. */
  readonly copyOf: string;
}

/**
 * Makes a store of its own of the copy of a file or database: it gets another id, by which the keychain tells the two apart.
 * Nothing else changes: every secret is good in both.
 *
 * @throws CredctlError `conflict` where the store is no copy
 */
export async function adoptStore(deps: ChangeDependencies & Pick<Dependencies, 'random'>): Promise<Adopted> {
  // Before the first change, which would make the store where there is none.
  await originalOf(deps);
  return change(deps, async (tx, now) => {
    const copyOf = await originalOf(deps);
    const { id: formerId } = await tx.settings();
    const storeId = deps.random.uuid(now);
    await tx.replaceStoreId(storeId);
    await tx.appendAudit(
      {
        ...deps.author,
        action: 'store.adopt',
        target: { kind: 'store', id: storeId, name: null },
        details: { former_id: formerId, copy_of: maskSecrets(copyOf) },
      },
      now,
    );
    return { storeId, formerId, copyOf };
  });
}

async function originalOf({ store }: Pick<Dependencies, 'store'>): Promise<string> {
  const placing = await store.placing();
  if (placing.kind === 'copy') return placing.of;
  throw conflictError(
    'this store is no copy: no other with its id is where it was made',
    'nothing has to be done',
  );
}
