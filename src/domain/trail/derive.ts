import type { AuditEvent } from '../audit-event.js';
import { VersionsFromTrail } from './derive-versions.js';
import type { DerivedCredential } from './derived.js';
import { editedTo, numberOrNull, objectIn, textOf, textOrNull, textsOf } from './details.js';
import { editedScopes } from './edited-scopes.js';
import type { StoreMarks } from './marks.js';

type Properties = Omit<DerivedCredential, 'isDeleted' | 'versions'>;

const UNKNOWN: Properties = {
  name: undefined,
  type: undefined,
  status: undefined,
  clientId: undefined,
  scopes: undefined,
  ownerId: undefined,
  expiresAt: undefined,
  canary: undefined,
};

/**
 * Derives the state of a credential from its events, in order.
 *
 * @param marks effects of events about the store and owners
 * @returns null where no event is about it
 */
export function deriveCredential(
  id: string,
  events: readonly AuditEvent[],
  marks: StoreMarks,
): DerivedCredential | null {
  if (events.length === 0) return null;
  const versions = new VersionsFromTrail();
  let properties = UNKNOWN;
  let isDeleted = false;
  let seq = 0;
  const passTo = (next: number): void => {
    if (marks.isBlinded(seq, next)) {
      const { type, clientId, canary } = properties;
      properties = { ...UNKNOWN, type, clientId, canary };
      if (marks.hasLostEnds(seq, next)) versions.forgetEnds();
    }
    if (marks.lostOwner(id, properties.ownerId, seq, next)) {
      properties = { ...properties, ownerId: null, status: 'inactive' };
    }
    seq = next;
  };
  for (const event of events) {
    passTo(event.seq);
    if (event.action === 'credential.delete' || event.action === 'credential.discard') isDeleted = true;
    properties = { ...properties, ...namedOwner(event, marks), ...told(event, properties) };
    versions.apply(event);
  }
  passTo(Number.POSITIVE_INFINITY);
  return { ...properties, isDeleted, versions: versions.versions };
}

/**
 * Older events name the owner without its id, which is resolved where the trail records the owner's creation.
 */
function namedOwner({ seq, action, details }: AuditEvent, marks: StoreMarks): Partial<Properties> {
  const owner =
    action === 'credential.create'
      ? details['owner']
      : action === 'credential.edit'
        ? editedTo(details, 'owner')
        : undefined;
  if (owner === undefined) return {};
  return { ownerId: typeof owner === 'string' ? marks.ownerNamed(owner, seq) : null };
}

/** The properties recorded by an event. */
function told(event: AuditEvent, before: Properties): Partial<Properties> {
  const facts = objectIn(event.details, 'facts');
  return defined({ ...byAction(event, before), ...(facts === null ? {} : defined(fromFacts(facts))) });
}

function byAction({ action, target, details }: AuditEvent, before: Properties): Partial<Properties> {
  switch (action) {
    case 'credential.create':
      return {
        name: target.name ?? undefined,
        type: textOf(details['type']),
        status: 'active',
        clientId: textOrNull(details['client_id']),
        scopes: textsOf(details['scopes']),
        expiresAt: numberOrNull(details['expires_at']),
        canary: details['canary'] === true,
      };
    case 'credential.attest':
      return { canary: objectIn(details, 'facts')?.['canary'] === true };
    case 'credential.edit':
      return {
        name: textOf(editedTo(details, 'name')),
        scopes: editedScopes(details, before.scopes),
        expiresAt: numberOrNull(editedTo(details, 'expires_at')),
      };
    case 'credential.activate':
      return { status: 'active' };
    case 'credential.deactivate':
      return { status: 'inactive' };
    default:
      return {};
  }
}

function fromFacts(facts: AuditEvent['details']): Properties {
  return {
    name: textOf(facts['name']),
    type: textOf(facts['type']),
    status: textOf(facts['status']),
    clientId: textOrNull(facts['client_id']),
    scopes: textsOf(facts['scopes']),
    ownerId: textOrNull(facts['owner_id']),
    expiresAt: numberOrNull(facts['expires_at']),
    canary: facts['canary'] === true ? true : undefined,
  };
}

function defined(properties: Partial<Properties>): Partial<Properties> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
