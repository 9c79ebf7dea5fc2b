import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/domain/credential/credential.js';
import { judge, limitedToken, type Stop } from '../../../src/domain/credential/verdict.js';
import type { Version } from '../../../src/domain/credential/version.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { existing } from '../../storage/contract/opened.js';
import { aCredential, aVersion, UNDELIVERED } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';

const NOW = START;

const ENDED: Partial<Version> = { revokedAt: NOW };
const OFF: Partial<Credential> = { status: 'inactive' };
const OWNER_OFF: Partial<Credential> = {
  owner: { id: 'o', name: 'ci', kind: 'service', status: 'inactive' },
};
const EXPIRED: Partial<Credential> = { expiresAt: NOW };

/** @param token when the access token expires; null for an API key or a client secret */
function judged(
  version: Partial<Version>,
  credential: Partial<Credential> = {},
  { held = ['data:users'], isEnough = true, token = null as number | null, issuedAt = NOW - 1 } = {},
): Stop | null {
  const evidence = {
    credential: aCredential(credential),
    version: aVersion(version),
    token: token === null ? null : { issuedAt, expiresAt: token },
  };
  return judge(
    evidence,
    NOW,
    () => held,
    () => isEnough,
  );
}

describe('the verdict on a secret that was proven right', () => {
  it.each<readonly [string, Partial<Version>]>([
    ['current', {}],
    ['retiring', { retiresAt: NOW + 1 }],
    ['pending, for it authenticates at once', { ...UNDELIVERED, lapsesAt: NOW + 1 }],
    ['past its deadline, but used before', { ...UNDELIVERED, lapsesAt: NOW, firstUsedAt: NOW - 1 }],
    ['past its deadline, but seen before', { ...UNDELIVERED, lapsesAt: NOW, receivedAt: NOW - 1 }],
  ])('is good for a version that is %s', (_state, change) => {
    expect(judged(change)).toBeNull();
  });

  it.each<readonly [Stop, string, Partial<Version>, Partial<Credential>, boolean]>([
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
  ])('is %s for %s', (reason, _what, version, credential, isEnough) => {
    expect(judged(version, credential, { isEnough })).toBe(reason);
  });

  it('is that of its client for a token, then that of its own time, then of what is left of its scopes', () => {
    const CLIENT = { type: 'oauth2' } as const;
    expect(judged({}, CLIENT, { token: NOW + 1 })).toBeNull();
    expect(judged({}, CLIENT, { token: NOW })).toBe('expired');
    expect(judged({}, { ...CLIENT, ...OWNER_OFF }, { token: NOW })).toBe('owner_inactive');
    expect(judged({}, CLIENT, { token: NOW + 1, held: [] })).toBe('insufficient_scope');
  });

  it('does not mind an active owner or an expiry to come', () => {
    const owner = { id: 'o', name: 'ci', kind: 'user', status: 'active' } as const;
    expect(judged({}, { owner, expiresAt: NOW + 1 })).toBeNull();
  });

  it('is unknown for a token of an API key, whatever else is true of it', () => {
    expect(judged(ENDED, { ...OFF, type: 'api-key' }, { token: NOW + 1 })).toBe('unknown');
    expect(judged({}, { type: 'oauth2' }, { token: NOW + 1 })).toBeNull();
  });

  it('is expired for a token of the future, but for what clocks may differ by', () => {
    const judgedAt = (issuedAt: number) => judged({}, { type: 'oauth2' }, { token: NOW + 600_000, issuedAt });
    expect([NOW, NOW + 60_000, NOW + 60_001].map(judgedAt)).toEqual([null, null, 'expired']);
  });
});

describe('a token', () => {
  const catalog = existing(PRESETS.get('moveworks'));
  const stored = { issuedAt: NOW, scopes: ['data:users'] };

  it.each([
    ['as it was issued', 3_599_999, 3_599_999],
    [
      'for the lifetime of its APIs, whatever end it was stored with',
      Number.MAX_SAFE_INTEGER - NOW,
      3_600_000,
    ],
  ])('lives %s', (_what, until, lives) => {
    expect(limitedToken(catalog, { ...stored, expiresAt: NOW + until }).expiresAt - NOW).toBe(lives);
  });

  it('lives no moment for an API that there is not', () => {
    expect(limitedToken(catalog, { ...stored, scopes: ['gone:all'], expiresAt: NOW + 1 }).expiresAt).toBe(
      NOW,
    );
  });
});
