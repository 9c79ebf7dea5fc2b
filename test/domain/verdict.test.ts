import { describe, expect, it } from 'vitest';
import type { Credential } from '../../src/domain/credential.js';
import { judge, type RefusalReason } from '../../src/domain/verdict.js';
import type { Version } from '../../src/domain/version.js';
import { aCredential, aVersion, UNDELIVERED } from '../storage/fixtures.js';
import { START } from '../support/fixed-clock.js';

const NOW = START;

const ENDED: Partial<Version> = { revokedAt: NOW };
const OFF: Partial<Credential> = { status: 'inactive' };
const OWNER_OFF: Partial<Credential> = {
  owner: { id: 'o', name: 'ci', kind: 'service', status: 'inactive' },
};
const EXPIRED: Partial<Credential> = { expiresAt: NOW };

describe('the verdict on a secret that was proven right', () => {
  it.each<readonly [string, Partial<Version>]>([
    ['current', {}],
    ['retiring', { retiresAt: NOW + 1 }],
    ['pending, for it authenticates at once', { ...UNDELIVERED, lapsesAt: NOW + 1 }],
  ])('is valid for a version that is %s', (_state, change) => {
    const credential = aCredential();
    const version = aVersion(change);
    expect(judge(credential, version, NOW, true)).toEqual({ valid: true, credential, version });
  });

  it.each<readonly [RefusalReason, string, Partial<Version>, Partial<Credential>, boolean]>([
    ['version_retired', 'a retired version', { retiresAt: NOW }, {}, true],
    ['version_retired', 'a revoked version', ENDED, {}, true],
    ['version_retired', 'a lapsed version', { ...UNDELIVERED, lapsesAt: NOW }, {}, true],
    ['inactive', 'a credential that is switched off', {}, OFF, true],
    ['owner_inactive', 'an owner that is switched off', {}, OWNER_OFF, true],
    ['expired', 'an expired credential', {}, EXPIRED, true],
    ['insufficient_scope', 'a scope that is not held', {}, {}, false],
    ['version_retired', 'everything at once', ENDED, { ...OFF, ...OWNER_OFF, ...EXPIRED }, false],
    ['inactive', 'everything but the version', {}, { ...OFF, ...OWNER_OFF, ...EXPIRED }, false],
    ['owner_inactive', 'owner, expiry and scope', {}, { ...OWNER_OFF, ...EXPIRED }, false],
    ['expired', 'expiry and scope', {}, EXPIRED, false],
  ])('is %s for %s', (reason, _what, version, credential, hasScopes) => {
    expect(judge(aCredential(credential), aVersion(version), NOW, hasScopes)).toEqual({
      valid: false,
      reason,
    });
  });

  it('does not mind an active owner or an expiry to come', () => {
    const owner = { id: 'o', name: 'ci', kind: 'user', status: 'active' } as const;
    const credential = aCredential({ owner, expiresAt: NOW + 1 });
    expect(judge(credential, aVersion(), NOW, true).valid).toBe(true);
  });
});
