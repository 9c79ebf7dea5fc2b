import { codeOfSignal } from '../../domain/ending-signal.js';
import { CredctlError, NothingIssued } from '../../domain/errors.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Checks for signals before a secret is issued.
 *
 * @throws NothingIssued when one has arrived
 */
export async function refuseToIssue({ stop }: Pick<Dependencies, 'stop'>): Promise<void> {
  const signal = (await stop?.signal()) ?? null;
  if (signal !== null) throw new NothingIssued(signal);
}

/**
 * Checks for signals before an issued secret is delivered to the next destination.
 *
 * @throws CredctlError `interrupted` and `terminated` when a signal asks to abandon the work in progress
 */
export async function refuseToDeliver({ stop }: Pick<Dependencies, 'stop'>): Promise<void> {
  const signal = (await stop?.signal()) ?? null;
  if (signal === null || stop?.isUrgent !== true) return;
  throw new CredctlError(codeOfSignal(signal), `interrupted by ${signal}`, {
    hint: 'the new secret was revoked; nothing else was changed',
  });
}
