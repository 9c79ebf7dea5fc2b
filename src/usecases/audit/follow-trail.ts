import { CredctlError } from '../../domain/errors.js';
import type { RecordedEvent, StoreReader } from '../../domain/ports/store-port.js';

/** How often the store is asked for new events, and again after a failure, in milliseconds. */
const POLL_MS = 500;
const RETRY_MS = 1_000;

/** What {@link followTrail} needs. */
export interface Following {
  readonly store: Pick<StoreReader, 'auditFrom'>;
  /** Whether a store that cannot be reached is asked again, as a database comes back and a file does not. */
  readonly retries: boolean;
  /** Resolves after that many milliseconds, or earlier when `isStopped` becomes true. */
  readonly pause: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
  /** Called when the store cannot be reached, and with null when it answers again. */
  readonly onOutage: (fault: CredctlError | null) => void;
  /** Called when the trail has no event of the number to begin after yet. */
  readonly onAhead: () => void;
}

/** The last event that was told; without a hash where it is only known by its number. */
interface Position {
  readonly seq: number;
  readonly hash: string | null;
}

/**
 * Tells events as they are committed, in batches, until it is stopped: each once, without a gap. At each look, the last
 * one told must still be where it was, with its hash.
 *
 * @param after number of the event after which it begins; 0 for all
 * @throws CredctlError `integrity` where the trail does not go on from what was told; what the store throws, unless it
 *   is asked again
 */
export async function* followTrail(
  following: Following,
  after: number,
): AsyncGenerator<readonly RecordedEvent[]> {
  let position: Position = { seq: after, hash: null };
  let isAhead = false;
  while (!following.isStopped()) {
    const found = await look(following, position.seq);
    if (found === null) return;
    const { anchor, events } = since(position, found);
    if (position.seq > 0 && anchor === null && !isAhead) {
      isAhead = true;
      following.onAhead();
    }
    position = { ...position, hash: anchor?.hash ?? null };
    const last = events.at(-1);
    if (last === undefined) {
      await following.pause(POLL_MS);
      continue;
    }
    yield events;
    position = { seq: last.event.seq, hash: last.hash };
  }
}

/** The events from a number on; null when it was stopped before the store answered. */
async function look(following: Following, seq: number): Promise<readonly RecordedEvent[] | null> {
  let isOut = false;
  while (!following.isStopped()) {
    try {
      const found = await following.store.auditFrom(Math.max(1, seq));
      if (isOut) following.onOutage(null);
      return found;
    } catch (fault) {
      const isOutage = fault instanceof CredctlError && fault.code === 'store_unavailable';
      if (!isOutage || !following.retries) throw fault;
      if (!isOut) following.onOutage(fault);
      isOut = true;
      await following.pause(RETRY_MS);
    }
  }
  return null;
}

/** What follows a position: the event at it, null where there is none yet, and those after it. */
function since(
  { seq, hash }: Position,
  found: readonly RecordedEvent[],
): { readonly anchor: RecordedEvent | null; readonly events: readonly RecordedEvent[] } {
  const gap = found.findIndex(({ event }, index) => event.seq !== Math.max(1, seq) + index);
  if (gap !== -1) throw brokenOff(Math.max(1, seq) + gap - 1);
  if (seq === 0) return { anchor: null, events: found };
  const [anchor = null, ...events] = found;
  if (hash !== null && anchor?.hash !== hash) throw brokenOff(seq);
  return { anchor, events };
}

function brokenOff(seq: number): CredctlError {
  return new CredctlError('integrity', `the audit trail does not continue from event ${seq}`, {
    hint: "the store was restored or altered; run 'credctl audit verify', then start again with --after and the number of an event that both trails have",
  });
}
