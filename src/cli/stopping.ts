import { codeOfSignal } from '../domain/ending-signal.js';
import { CredctlError } from '../domain/errors.js';
import type { StopRequest } from '../domain/ports/ports.js';
import type { GlobalOptions } from './flags/global.js';
import type { Host } from './host/host.js';
import { note } from './session.js';

/**
 * For a command that issues one secret: the first signal ends it and the work in progress. Until `hold` it
 * exits at once, as closing the store could wait for the same lock; hence `left` is raced against all of the
 * work.
 */
export function stopAtFirst(host: Pick<Host, 'stopRequest'>): StopRequest {
  return host.stopRequest({ urgentFrom: 1, onNoted() {} });
}

/** For a command that issues several secrets in sequence: the first signal completes the work in progress. */
export function stopAtSecond(host: Pick<Host, 'err' | 'stopRequest'>, globals: GlobalOptions): StopRequest {
  return host.stopRequest({
    urgentFrom: 2,
    onNoted(signal, count) {
      const next =
        count === 1
          ? 'finishing the current rotation first; send the signal again to end its command'
          : 'ending its command';
      note(host, globals, `${signal}: ${next}`);
    },
  });
}

/**
 * Ends a command that completed although a signal asked it to stop.
 *
 * @param fact what it has done
 * @throws CredctlError `interrupted` and `terminated`
 */
export async function endAsTold(stop: StopRequest, fact: string): Promise<void> {
  const signal = await stop.signal();
  if (signal === null) return;
  throw new CredctlError(codeOfSignal(signal), `interrupted by ${signal}, but ${fact}`, {
    hint: 'the new secret was delivered and works; do not repeat the command',
  });
}
