import type { AuditAction, AuditEvent } from '../audit-event.js';
import type { JsonValue } from '../text/canonical-json.js';
import { quote } from '../text/quote.js';
import type { Author } from './ports.js';

/** Filter of a listing of events, newest first. */
export interface AuditQuery {
  /**
   * Id, name (case-insensitive), client id or handle of the target; of what was deleted as well, by its last name.
   */
  readonly target?: string;
  readonly action?: AuditAction;
  readonly since?: number;
  readonly limit: number;
  /** Only events with a lower sequence number. */
  readonly before?: number;
}

/** A stored event with its chained hash. */
export interface RecordedEvent {
  readonly event: AuditEvent;
  readonly hash: string;
}

/** Result of `audit verify`. `head` is the hash of the last event. */
export type AuditVerification =
  | { readonly valid: true; readonly events: number; readonly head: string }
  | {
      readonly valid: false;
      readonly firstBad: number;
      /** Hash algorithm named by that event, if this program does not know it. */
      readonly unknownAlg?: string;
    };

/** Describes the fault of an invalid trail. */
export function trailFault({ firstBad, unknownAlg }: AuditVerification & { readonly valid: false }): string {
  const altered = `the audit trail was altered at event ${firstBad}`;
  if (unknownAlg === undefined) return altered;
  return `${altered}, or a newer credctl wrote that event: it uses the hash ${quote(unknownAlg)}`;
}

/** An event to append; number, time and hash are added on writing. */
export interface AuditEntry extends Author {
  readonly action: AuditAction;
  readonly target: AuditEvent['target'];
  readonly details: { readonly [key: string]: JsonValue };
}

/** Reads the trail from a number on. */
export interface AuditReader {
  /**
   * All events of one snapshot, oldest first, in batches.
   *
   * @param after number of the event after which it begins; all by default
   */
  exportAudit(after?: number): AsyncIterable<readonly RecordedEvent[]>;
  /**
   * Committed events from a number on, oldest first, at most a thousand, outside of any snapshot. For a process that
   * goes on asking.
   *
   * @throws CredctlError `store_unavailable` also where the file of the store was replaced or removed
   */
  auditFrom(seq: number): Promise<readonly RecordedEvent[]>;
}
