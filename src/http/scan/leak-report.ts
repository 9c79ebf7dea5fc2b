import type { FastifyRequest } from 'fastify';
import { CredctlError } from '../../domain/errors.js';
import type { FoundLeak, LeakSource } from '../../domain/leak/leak.js';
import { recordLeaks } from '../../usecases/leak/record-leaks.js';
import type { CheckedSecret } from '../../usecases/serving/secret-checks.js';
import type { ServerContext } from '../context.js';

/** A secret that was found, and where. */
export interface Sighting {
  readonly checked: CheckedSecret;
  readonly place: string;
}

/**
 * Counts secrets by what they are; logs and records those that are live. The log has them where the store does not: an
 * answer does not depend on a store that can be written.
 *
 * @returns whether they could be recorded
 */
export async function reportLeaks(
  { changes, metrics }: Pick<ServerContext, 'changes' | 'metrics'>,
  { id, log }: Pick<FastifyRequest, 'id' | 'log'>,
  source: LeakSource,
  sightings: readonly Sighting[],
): Promise<boolean> {
  const leaks = sightings.flatMap(({ checked, place }): readonly FoundLeak[] => {
    const { state, secret, credential } = checked;
    metrics.countLeak(state);
    if (state !== 'live' || secret === null || credential === null) return [];
    const { handle, kind } = secret;
    log.error(
      { request_id: id, handle, credential: credential.name, state, source, place },
      'a secret has leaked',
    );
    return [{ handle, kind, credentialId: credential.id, version: null, source, place }];
  });
  try {
    await recordLeaks(changes, leaks);
    return true;
  } catch (fault) {
    if (!(fault instanceof CredctlError)) throw fault;
    metrics.storeErrors += 1;
    log.warn({ request_id: id, code: fault.code, message: fault.message }, 'leaks could not be recorded');
    return false;
  }
}
