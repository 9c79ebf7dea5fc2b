import { canonicalJson, type JsonValue } from './text/canonical-json.js';

/** Every action of the audit trail. */
export const AUDIT_ACTIONS = [
  'credential.create',
  'credential.deliver',
  /** An interrupted create, never received, was removed. */
  'credential.discard',
  'credential.edit',
  'credential.activate',
  'credential.deactivate',
  'credential.delete',
  /** A restore changed the credential. */
  'credential.restore',
  /** Attestation of a credential by a migration or a restore: all that the store holds of it. */
  'credential.attest',
  'credential.rotate',
  'credential.rotate.deliver',
  'credential.rotate.fail',
  'credential.rotate.finish',
  'credential.rotate.abort',
  /** A leak was dealt with; that it was found is no event. */
  'leak.close',
  'version.lapse',
  /** A delivery was interrupted after the secret may have been received. */
  'version.doubt',
  'owner.create',
  'owner.edit',
  'owner.activate',
  'owner.deactivate',
  'owner.delete',
  /** Attestation of an owner by a migration or a restore. */
  'owner.attest',
  'catalog.replace',
  'store.init',
  'store.set',
  'store.grant',
  /** Written before the copy is made, so that the backup contains it. */
  'store.backup',
  /** A backup that was begun failed. */
  'store.backup.fail',
  'store.restore',
  /** Written in the source store before the copy is made. */
  'store.copy',
  /** The first event of a copy that its source does not have. */
  'store.copy.complete',
  'store.migrate',
  /** A copied store was given an id of its own. */
  'store.adopt',
] as const;

/** The hash algorithm of the chain; also assumed for older events, which do not name one. */
export const AUDIT_ALG = 'sha256';

/** One of {@link AUDIT_ACTIONS}. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** The object of an event; store and catalog have neither id nor name. */
export interface AuditTarget {
  readonly kind: 'credential' | 'owner' | 'catalog' | 'store';
  readonly id: string | null;
  readonly name: string | null;
}

/** A credential as an event's target. */
export function credentialTarget({ id, name }: { readonly id: string; readonly name: string }): AuditTarget {
  return { kind: 'credential', id, name };
}

/** An audit event: one change or one delivery. Never contains a secret. */
export interface AuditEvent {
  /** Sequence number, from 1 without gaps. */
  readonly seq: number;
  /** Whole epoch milliseconds. */
  readonly at: number;
  /** Operating-system user and host, `name@host`. */
  readonly actor: string;
  readonly action: AuditAction;
  readonly target: AuditTarget;
  readonly reason: string | null;
  readonly details: { readonly [key: string]: JsonValue };
  /**
   * Hash algorithm of the chain, {@link AUDIT_ALG}; absent in events of older programs, which means the same.
   */
  readonly alg?: string;
  /** Database login that wrote the event, as reported by the database; only on PostgreSQL. */
  readonly login?: string;
}

/** The previous hash of the first event. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * The stored and hashed text of an event: its canonical JSON (RFC 8785). The event's hash is the SHA-256, in
 * hex, of the previous event's hash (64 hex digits) followed by this text.
 *
 * @throws TypeError when the number or the time is not an integer, or a string has a lone surrogate
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
