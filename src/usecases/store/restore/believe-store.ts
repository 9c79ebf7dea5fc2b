import type { StoreTransaction } from '../../../domain/ports/store-port.js';
import {
  type Belief,
  believeTrail,
  makeRoom,
  type NotBelieved,
  type Wrong,
  wrongCredential,
} from './believe-trail.js';
import { allCredentialIds } from './every-credential.js';

/** Makes every credential what the audit trail says, as {@link believeTrail}. */
export async function believeAll(tx: StoreTransaction, belief: Belief): Promise<readonly NotBelieved[]> {
  const found: NotBelieved[] = (await tx.rightNameKeys('credential')).map((name) => ({
    name,
    what: ['name'],
  }));
  const owners = new Set((await tx.listOwners()).map(({ id }) => id));
  const wrong: Wrong[] = [];
  for (const id of await allCredentialIds(tx, belief.now)) {
    const compared = await wrongCredential(id, belief, owners);
    if (compared !== null) wrong.push(compared);
  }
  for (const compared of wrong) await makeRoom(tx, compared);
  for (const compared of wrong) found.push(await believeTrail(tx, compared, belief, owners));
  return found;
}
