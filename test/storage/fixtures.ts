import { expect } from 'vitest';
import type { Credential, Owner } from '../../src/domain/credential/credential.js';
import type { Version } from '../../src/domain/credential/version.js';
import type { ErrorCode } from '../../src/domain/errors.js';
import type { AuditEntry, NewCredential } from '../../src/domain/ports/store-port.js';
import { START } from '../support/dependencies/fixed-clock.js';
import { FixedRandom } from '../support/dependencies/fixed-random.js';

const random = new FixedRandom('fixtures');

/** A UUIDv7 that no other fixture has. */
export function newId(): string {
  return random.uuid(START);
}

/** Twelve base62 characters that no other fixture has. */
export function newVersionId(): string {
  return Buffer.from(random.bytes(6)).toString('hex');
}

/** A version that was delivered when it was made, and is current. */
export function aVersion(change: Partial<Version> = {}): Version {
  return {
    id: newVersionId(),
    credentialId: 'credential',
    number: 1,
    createdAt: START,
    deliveredAt: START,
    lapsesAt: null,
    retiresAt: null,
    revokedAt: null,
    ended: null,
    firstUsedAt: null,
    receivedAt: null,
    lastUsedAt: null,
    lastUsedFrom: null,
    superseded: null,
    supersede: { kind: 'grace', ms: 86_400_000 },
    destinations: ['stdout'],
    delivery: null,
    ...change,
  };
}

/** What is recorded of a version on its way; `lapsesAt` is up to the destination. */
export const UNDELIVERED: Partial<Version> = {
  deliveredAt: null,
  delivery: {
    process: { host: 'here', boot: 'boot-1', pid: 101, started: '707' },
    deliverBy: START + 3_600_000,
  },
};

/** An active API key with nothing optional, as the domain sees it. */
export function aCredential(change: Partial<Credential> = {}): Credential {
  const { ownerId: _, ...rest } = aNewCredential();
  return { ...rest, owner: null, lastUsedAt: null, lastUsedFrom: null, versions: [], ...change };
}

/** An active API key with nothing optional, as a store takes it. */
export function aNewCredential(change: Partial<NewCredential> = {}): NewCredential {
  const id = newId();
  return {
    id,
    name: `bot-${id.slice(-12)}`,
    type: 'api-key',
    status: 'active',
    clientId: null,
    scopes: ['data:users'],
    ownerId: null,
    description: null,
    labels: new Map(),
    createdAt: START,
    createdBy: 'tester@here',
    updatedAt: START,
    revision: 1,
    expiresAt: null,
    rotateEvery: null,
    rotationDueAt: null,
    canary: false,
    ...change,
  };
}

/** An active service account. */
export function anOwner(change: Partial<Owner> = {}): Owner {
  const id = newId();
  return {
    id,
    name: `owner-${id.slice(-12)}`,
    kind: 'service',
    status: 'active',
    createdAt: START,
    createdBy: 'tester@here',
    updatedAt: START,
    ...change,
  };
}

/** A change to record. */
export function anEntry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    actor: 'tester@here',
    reason: null,
    action: 'credential.edit',
    target: { kind: 'credential', id: '01', name: 'ci-bot' },
    details: {},
    ...change,
  };
}

/** Matches an error of the program by its code and, where given, by what its message and its hint say. */
export function failure(code: ErrorCode, message: RegExp = /^/, hint?: RegExp): unknown {
  return expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) }),
  });
}
