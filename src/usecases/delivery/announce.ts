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
      const { destinations, lapsesAt } = present;
      return () => deps.store.write((undo) => undo.updateVersion(version.id, { destinations, lapsesAt }));
    });
}

async function presentVersion(tx: StoreTransaction, { id, credentialId }: Version): Promise<Version> {
  const credential = await tx.findCredential(credentialId);
  const present = credential?.versions.find((candidate) => candidate.id === id);
  if (present !== undefined && present.revokedAt === null && present.ended === null) return present;
  throw new CredctlError('undelivered', 'another command has just revoked the secret', {
    hint: "see 'credctl audit' for who revoked it",
  });
}
