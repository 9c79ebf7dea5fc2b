import type { AuditAction, AuditEvent } from '../audit-event.js';
import type { JsonValue } from '../text/canonical-json.js';
import { quote } from '../text/quote.js';
import type { Author } from './ports.js';

/** Which events to show, newest first. */
export interface AuditQuery {
  /** Id or name (case ignored) of the target. */
  readonly target?: string;
  readonly action?: AuditAction;
  readonly since?: number;
  readonly limit: number;
  /** Only events with a lower sequence number. */
  readonly before?: number;
}

/** An event as the trail keeps it. */
export interface RecordedEvent {
  readonly event: AuditEvent;
  readonly hash: string;
}

/** What `audit verify` found. `head` is the hash of the last event. */
export type AuditVerification =
  | { readonly valid: true; readonly events: number; readonly head: string }
  | {
      readonly valid: false;
      readonly firstBad: number;
      /** What that event says that it was hashed with, where this program does not know it. */
      readonly unknownAlg?: string;
    };

/** In words, what is wrong with a trail. */
export function trailFault({ firstBad, unknownAlg }: AuditVerification & { readonly valid: false }): string {
  const altered = `the audit trail was altered at event ${firstBad}`;
  if (unknownAlg === undefined) return altered;
  return `${altered}, or a newer credctl wrote it: it names the hash ${quote(unknownAlg)}`;
}

/** A change to record; number, time and hash are added when it is written. */
export interface AuditEntry extends Author {
  readonly action: AuditAction;
  readonly target: AuditEvent['target'];
  readonly details: { readonly [key: string]: JsonValue };
}
