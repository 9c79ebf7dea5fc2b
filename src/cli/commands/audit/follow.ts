import { setTimeout } from 'node:timers/promises';
import type { CredctlError } from '../../../domain/errors.js';
import type { Store } from '../../../domain/ports/store-port.js';
import { safeJson } from '../../../domain/text/safe-text.js';
import { followTrail } from '../../../usecases/audit/follow-trail.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { exportedEvent } from '../../render/views.js';
import { note } from '../../session.js';
import { stopAtFirst } from '../../stopping.js';

/** How long a reader or a database may hold up the end, in milliseconds. */
const LAST_LINE_MS = 5_000;

/**
 * Prints events as they are committed, until a signal asks it to end, which comes after a whole line. Where a reader does
 * not take that line in time, or a database does not answer, the process ends by SIGTERM.
 *
 * @param after number of the event after which it begins
 * @param output path of a file to append to; null for standard output
 * @throws CredctlError `integrity` and `store_unavailable` as {@link followTrail}; BrokenPipe
 */
export async function follow(
  host: Host,
  globals: GlobalOptions,
  store: Store,
  after: number,
  output: string | null,
): Promise<void> {
  const lines = host.lines(output);
  const stop = stopAtFirst(host);
  stop.hold();
  const told = new AbortController();
  stop.onUrgent(() => told.abort());
  const tell = (text: string): void => note(host, globals, `note: ${text}`);
  const trail = followTrail(
    {
      store,
      retries: store.clock !== null,
      isStopped: () => told.signal.aborted,
      async pause(ms) {
        await setTimeout(ms, null, { signal: told.signal }).catch(() => {});
      },
      onOutage: (fault) => tell(fault === null ? 'the store answers again' : outage(fault)),
      onAhead: () => tell(`the audit trail has no event ${after} yet; waiting for it`),
    },
    after,
  );
  told.signal.addEventListener('abort', () => {
    setTimeout(LAST_LINE_MS, null, { ref: false }).then(() => {
      stop.release();
      host.abandonProcess('SIGTERM');
    });
  });
  try {
    for await (const events of trail) {
      for (const event of events) {
        await lines.write(`${safeJson(exportedEvent(event))}\n`);
        if (told.signal.aborted) return;
      }
    }
  } finally {
    stop.release();
    lines.close();
  }
}

function outage({ message }: CredctlError): string {
  return `${message}; trying again`;
}
