import { inOrder, type Version } from '../../domain/credential/version.js';
import { CredctlError } from '../../domain/errors.js';
import type { Announce } from '../../domain/ports/ports.js';
import type { StoreTransaction } from '../../domain/ports/store-port.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Records each destination before it gets the secret, such as one chosen interactively. If it may overwrite an
 * older secret, which a killed process could not undo, the version no longer lapses.
 */
export function announcing(deps: Pick<Dependencies, 'store'>, version: Version): Announce {
  return (place) =>
    deps.store.write(async (tx) => {
      const present = await presentVersion(tx, version);
      await tx.updateVersion(version.id, {
        destinations: inOrder([...present.destinations, place.kind]),
        ...(place.replaces ? { lapsesAt: null } : {}),
      });
      return () => deps.store.write((undo) => withdraw(undo, present));
    });
}

/** Puts the record back as it was before, unless another command has decided on the version since. */
async function withdraw(tx: StoreTransaction, before: Version): Promise<void> {
  const version = await find(tx, before);
  if (version === null || version.deliveredAt !== null) return;
  const { destinations, lapsesAt } = before;
  await tx.updateVersion(before.id, { destinations, lapsesAt });
}

/** The version; null once it has ended. */
async function find(tx: StoreTransaction, { id, credentialId }: Version): Promise<Version | null> {
  const credential = await tx.findCredential(credentialId);
  const present = credential?.versions.find((candidate) => candidate.id === id);
  return present !== undefined && present.revokedAt === null && present.ended === null ? present : null;
}

async function presentVersion(tx: StoreTransaction, version: Version): Promise<Version> {
  const present = await find(tx, version);
  if (present !== null) return present;
  throw new CredctlError('undelivered', 'another command has just revoked the secret', {
    hint: "see 'credctl audit' for who revoked it",
  });
}
