import { describe, expect, it } from 'vitest';
import {
  type ActiveStatus,
  type CredentialStatus,
  credentialStatus,
  isExpired,
  rotationDueAt,
} from '../../../src/domain/credential/credential.js';
import { aVersion, UNDELIVERED } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';

const NOW = START;
const POLICY = { text: '90d', ms: 90 * 86_400_000 };

describe('the status of a credential', () => {
  const OWNER_ON = { status: 'active' } as const;
  const OWNER_OFF = { status: 'inactive' } as const;

  it.each<readonly [string, ActiveStatus, { status: ActiveStatus } | null, CredentialStatus]>([
    ['switched on, with an owner that is, too', 'active', OWNER_ON, 'active'],
    ['of an owner that is switched off', 'active', OWNER_OFF, 'owner_inactive'],
    ['switched off itself, which shows first', 'inactive', OWNER_OFF, 'inactive'],
  ])('%s', (_what, status, owner, expected) => {
    expect(credentialStatus({ status, owner, expiresAt: null, canary: false }, NOW)).toBe(expected);
  });

  it('is that of the owner before an expiry, as a verdict says it', () => {
    expect(credentialStatus({ status: 'active', owner: OWNER_OFF, expiresAt: NOW, canary: false }, NOW)).toBe(
      'owner_inactive',
    );
    expect(credentialStatus({ status: 'active', owner: OWNER_ON, expiresAt: NOW, canary: false }, NOW)).toBe(
      'expired',
    );
  });

  it.each<readonly [string, ActiveStatus, number | null, CredentialStatus]>([
    ['switched on, without an expiry', 'active', null, 'active'],
    ['switched on, it expires in a moment', 'active', NOW + 1, 'active'],
    ['switched on, it expires now', 'active', NOW, 'expired'],
    ['switched on, it has expired', 'active', NOW - 1, 'expired'],
    ['switched off', 'inactive', null, 'inactive'],
    ['switched off and expired: inactive shows first', 'inactive', NOW - 1, 'inactive'],
  ])('%s', (_what, status, expiresAt, expected) => {
    expect(credentialStatus({ status, owner: null, expiresAt, canary: false }, NOW)).toBe(expected);
  });

  it('has expired from the very millisecond of its expiry on', () => {
    expect([NOW - 1, NOW, NOW + 1].map((now) => isExpired({ expiresAt: NOW }, now))).toEqual([
      false,
      true,
      true,
    ]);
    expect(isExpired({ expiresAt: null }, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});

describe('when the next rotation is due', () => {
  const received = aVersion({ number: 1, createdAt: NOW });

  it('is the policy counted from the newest version that was received', () => {
    const newer = aVersion({ number: 2, createdAt: NOW + 5 });
    expect(rotationDueAt(POLICY, [received, newer])).toBe(NOW + 5 + POLICY.ms);
  });

  it('does not count a version that is still on its way, or was taken back', () => {
    const pending = aVersion({ number: 2, createdAt: NOW + 5, ...UNDELIVERED });
    const revoked = aVersion({ number: 3, createdAt: NOW + 6, revokedAt: NOW + 7 });
    expect(rotationDueAt(POLICY, [revoked, pending, received])).toBe(NOW + POLICY.ms);
  });

  it('is never without a policy, or before anything was received', () => {
    expect(rotationDueAt(null, [received])).toBeNull();
    expect(rotationDueAt(POLICY, [])).toBeNull();
    expect(rotationDueAt(POLICY, [aVersion(UNDELIVERED)])).toBeNull();
  });
});
