import { codeOfSignal } from '../../domain/ending-signal.js';
import { CredctlError, NothingIssued } from '../../domain/errors.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Looks for signals before a secret is issued.
 *
 * @throws NothingIssued when one has arrived
 */
export async function refuseToIssue({ stop }: Pick<Dependencies, 'stop'>): Promise<void> {
  const signal = (await stop?.signal()) ?? null;
  if (signal !== null) throw new NothingIssued(signal);
}

/**
 * Looks for signals before a secret that has been issued is handed over to the next place.
 *
 * @throws CredctlError `interrupted` and `terminated` when one asks for the end of what is in hand
 */
export async function refuseToDeliver({ stop }: Pick<Dependencies, 'stop'>): Promise<void> {
  const signal = (await stop?.signal()) ?? null;
  if (signal === null || stop?.isUrgent !== true) return;
  throw new CredctlError(codeOfSignal(signal), `interrupted by ${signal}`, {
    hint: 'the new secret was revoked; nothing else was changed',
  });
}
