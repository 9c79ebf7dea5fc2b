import { conflictError } from '../../domain/errors.js';
import { maskSecrets } from '../../domain/secret/secret-format.js';
import { shellWord } from '../../domain/text/quote.js';
import { type ChangeDependencies, change } from '../change.js';
import type { Dependencies } from '../dependencies.js';

/** Result of an adoption. */
export interface Adopted {
  readonly storeId: string;
  readonly formerId: string;
  /** Location of the original store. */
  readonly copyOf: string;
}

/**
 * Turns a copied file or database into a store of its own by giving it a new id, which separates its keychain
 * entries from the original's. Nothing else changes: every secret works in both.
 *
 * @throws CredctlError `conflict` where the store is not a copy, or is a backup
 */
export async function adoptStore(
  deps: ChangeDependencies & Pick<Dependencies, 'random' | 'store'>,
): Promise<Adopted> {
  // Checked before the first write, which would create a missing store.
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
  if (placing.kind === 'backup') {
    throw conflictError(
      `${maskSecrets(placing.file)} is a backup`,
      `restore the backup: credctl store restore ${shellWord(placing.file)} --store NEW`,
    );
  }
  throw conflictError(
    'this store is not a copy: the original is not where it was made',
    'there is nothing to do',
  );
}
