import { canonicalJson, type JsonValue } from './text/canonical-json.js';

/** Every kind of event in the audit trail. */
export const AUDIT_ACTIONS = [
  'credential.create',
  'credential.deliver',
  /** A `create` whose secret was never delivered was removed. */
  'credential.discard',
  'credential.edit',
  'credential.activate',
  'credential.deactivate',
  'credential.delete',
  /** A restore has changed it. */
  'credential.restore',
  /** What the store held of a credential, by a migration or a restore. */
  'credential.attest',
  'credential.rotate',
  'credential.rotate.deliver',
  'credential.rotate.fail',
  'credential.rotate.finish',
  'credential.rotate.abort',
  'version.lapse',
  /** A delivery was cut off, and its secret may have been received. */
  'version.doubt',
  'owner.create',
  'owner.edit',
  'owner.activate',
  'owner.deactivate',
  'owner.delete',
  /** What the store held of an owner, by a migration or a restore. */
  'owner.attest',
  'catalog.replace',
  'store.init',
  'store.set',
  'store.grant',
  /** Written before the copy is made, so that the backup itself tells where it comes from. */
  'store.backup',
  /** A backup that was begun did not come about. */
  'store.backup.fail',
  'store.restore',
  /** Written before the copy is made, in the store that is copied. */
  'store.copy',
  /** The first event of a copy that the original does not have. */
  'store.copy.complete',
  'store.migrate',
  /** A copy of the file became a store of its own. */
  'store.adopt',
] as const;

/** The hash that chains events; an event from before it was noted has none noted, and this is meant. */
export const AUDIT_ALG = 'sha256';

/** What happened; one of {@link AUDIT_ACTIONS}. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What an event is about; the store and the catalog have neither id nor name. */
export interface AuditTarget {
  readonly kind: 'credential' | 'owner' | 'catalog' | 'store';
  readonly id: string | null;
  readonly name: string | null;
}

/** A credential as the target of an event. */
export function credentialTarget({ id, name }: { readonly id: string; readonly name: string }): AuditTarget {
  return { kind: 'credential', id, name };
}

/** One change, or one delivery, as the audit trail keeps it. Never contains a secret. */
export interface AuditEvent {
  /** 1 for the first event, one more for each that follows. */
  readonly seq: number;
  /** Whole epoch milliseconds. */
  readonly at: number;
  /** Operating-system user and host, `name@host`. */
  readonly actor: string;
  readonly action: AuditAction;
  readonly target: AuditTarget;
  readonly reason: string | null;
  readonly details: { readonly [key: string]: JsonValue };
  /** The hash that chains it: {@link AUDIT_ALG}. Absent in events of older programs, which means the same. */
  readonly alg?: string;
  /** The login of the database that wrote it, as the database itself says; only on PostgreSQL. */
  readonly login?: string;
}

/** What stands for the hash of the event before the first one. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * The text of an event that is stored and hashed: its RFC 8785 canonical JSON. The event's hash is the
 * SHA-256, in hex, of the previous event's hash (its 64 hex digits) followed by this text.
 *
 * @throws TypeError when the number or the time is not a whole number, or a string has a lone surrogate
 */
export function auditEventText(event: AuditEvent): string {
  const { seq, at, actor, action, reason, details, alg, login } = event;
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(at)) {
    throw new TypeError('number and time of an audit event are whole numbers');
  }
  const target = { kind: event.target.kind, id: event.target.id, name: event.target.name };
  return canonicalJson({
    ...{ seq, at, actor, action, target, reason, details },
    ...(alg === undefined ? {} : { alg }),
    ...(login === undefined ? {} : { login }),
  });
}
