import { describe, expect, it } from 'vitest';
import {
  abortPlan,
  completeDelivery,
  finishRefusal,
  neverReceived,
  resumableVersion,
  retiringVersions,
  rotationRefusal,
} from '../../src/domain/rotation.js';
import type { Version } from '../../src/domain/version.js';
import { aCredential, aVersion, UNDELIVERED } from '../storage/fixtures.js';
import { START } from '../support/fixed-clock.js';

const NOW = START + 1_000_000;
const DAY = 86_400_000;

const current = (number: number, change: Partial<Version> = {}) => aVersion({ number, ...change });
const retiring = (number: number, change: Partial<Version> = {}) =>
  aVersion({ number, retiresAt: NOW + DAY, ...change });
const pending = (number: number, change: Partial<Version> = {}) =>
  aVersion({ number, ...UNDELIVERED, ...change });
const retired = (number: number) => aVersion({ number, retiresAt: NOW });

describe('whether a credential can be rotated', () => {
  it.each<readonly [string, readonly Version[], boolean, boolean]>([
    ['one current version', [current(1)], false, true],
    ['the previous version is retiring', [current(2), retiring(1)], false, false],
    ['the previous version is retiring, and --now ends it', [current(2), retiring(1)], true, true],
    ['the previous version has retired', [current(2), retired(1)], false, true],
    ['a delivery was cut off', [pending(2), current(1)], false, true],
  ])('%s', (_what, versions, revokeOlder, allowed) => {
    expect(rotationRefusal('ci-bot', versions, NOW, revokeOlder) === null).toBe(allowed);
  });

  it('names the ways out of a rotation that is under way', () => {
    const refusal = rotationRefusal('ci-bot', [current(2), retiring(1)], NOW, false);
    expect(refusal?.problem).toContain('version 1 is still retiring');
    for (const way of ['--finish', '--abort', '--now']) expect(refusal?.hint).toContain(way);
  });
});

describe('whether the grace may end early', () => {
  const used = (first: number, last: number) => ({ firstUsedAt: first, lastUsedAt: last });
  const made = NOW - 1_000;
  it.each<readonly [string, Partial<Version>, Partial<Version>, boolean]>([
    ['neither was used', {}, {}, true],
    ['only the new one was used', {}, used(NOW - 500, NOW), true],
    ['the old one was used before the rotation, the new one never', used(START, made - 1), {}, true],
    ['the old one was used since the rotation, the new one never', used(START, made + 1), {}, false],
    ['the old one was last used before the new one', used(START, NOW - 501), used(NOW - 500, NOW), true],
    ['the old one was used after the new one', used(START, NOW - 499), used(NOW - 500, NOW), false],
    ['the old one is used again after the switch', used(START, NOW), used(NOW - 500, NOW - 400), false],
  ])('%s', (_what, oldUses, newUses, allowed) => {
    const versions = [current(2, { createdAt: made, ...newUses }), retiring(1, oldUses)];
    expect(finishRefusal('ci-bot', versions, NOW) === null).toBe(allowed);
  });

  it('looks at every version that is retiring', () => {
    const versions = [
      current(3, { createdAt: made }),
      retiring(2),
      retiring(1, { firstUsedAt: START, lastUsedAt: NOW }),
    ];
    expect(finishRefusal('ci-bot', versions, NOW)?.problem).toContain('version 1');
    expect(retiringVersions(versions, NOW).map((version) => version.number)).toEqual([2, 1]);
  });
});

describe('what taking a rotation back does', () => {
  it.each<readonly [string, readonly Version[], number, readonly number[]]>([
    ['revokes the new one, the previous is current again', [current(2), retiring(1)], 2, [1]],
    ['revokes a pending one, the current one stays', [pending(2), current(1)], 2, []],
    ['revokes a pending one, a grace that runs goes on', [pending(3), current(2), retiring(1)], 3, []],
    ['revokes the only one while it is pending', [pending(1)], 1, []],
    [
      'brings back every version that it superseded',
      [current(3), retiring(2, { ...UNDELIVERED, lapsesAt: NOW + 1 }), retiring(1)],
      3,
      [2, 1],
    ],
  ])('%s', (_what, versions, revoke, restore) => {
    const plan = abortPlan('ci-bot', versions, NOW, false);
    const numbers = 'revoke' in plan && [plan.revoke.number, plan.restore.map((version) => version.number)];
    expect(numbers).toEqual([revoke, restore]);
  });

  it('is refused when the only version to go back to would lapse by itself', () => {
    const versions = [current(2), retiring(1, { ...UNDELIVERED, lapsesAt: NOW + 1 })];
    expect(abortPlan('ci-bot', versions, NOW, true)).toHaveProperty('problem');
  });

  it.each<readonly [string, readonly Version[]]>([
    ['there was no rotation', [current(1)]],
    ['the previous version has retired', [current(2), retired(1)]],
    ['the previous version was revoked', [current(2), current(1, { revokedAt: NOW })]],
    ['no version works', [retired(1)]],
  ])('is refused, even by force, when %s', (_what, versions) => {
    expect(abortPlan('ci-bot', versions, NOW, true)).toHaveProperty('problem');
  });

  it('is refused once the new version has been used, unless by force', () => {
    const versions = [current(2, { firstUsedAt: NOW, lastUsedAt: NOW }), retiring(1)];
    expect(abortPlan('ci-bot', versions, NOW, false)).toHaveProperty('problem');
    expect(abortPlan('ci-bot', versions, NOW, true)).toHaveProperty('revoke', versions[0]);
  });
});

describe('a delivery that was cut off', () => {
  it('resumes the newest version that is pending', () => {
    expect(resumableVersion([pending(3), pending(2), current(1)], NOW)?.number).toBe(3);
    expect(resumableVersion([current(1)], NOW)).toBeNull();
    expect(resumableVersion([pending(2, { lapsesAt: NOW }), current(1)], NOW)).toBeNull();
    expect(resumableVersion([pending(2, { revokedAt: NOW }), current(1)], NOW)).toBeNull();
  });

  it('was never received when no version was delivered or used', () => {
    expect(neverReceived([pending(2), pending(1)])).toBe(true);
    expect(neverReceived([pending(2), pending(1, { firstUsedAt: NOW })])).toBe(false);
    expect(neverReceived([pending(2), retired(1)])).toBe(false);
  });
});

describe('transaction B', () => {
  const patchesOf = (versions: readonly Version[], expiresAt: number | null = null) => {
    const [delivered] = versions;
    if (delivered === undefined) throw new TypeError('no version');
    const { patches } = completeDelivery(aCredential({ versions, expiresAt }), delivered, NOW);
    return new Map(
      patches.map(({ versionId, patch }) => [versions.find((v) => v.id === versionId)?.number, patch]),
    );
  };
  const DELIVERED = { deliveredAt: NOW, lapsesAt: null, delivery: null };

  it('marks the version as delivered, even when its lapse has passed', () => {
    expect(patchesOf([pending(1, { lapsesAt: START })]).get(1)).toEqual(DELIVERED);
  });

  it('gives every older version that still authenticates the grace', () => {
    const patches = patchesOf([pending(4), pending(3), current(2), retired(1)]);
    expect([...patches.keys()]).toEqual([4, 3, 2]);
    expect(patches.get(3)).toEqual({ retiresAt: NOW + DAY });
    expect(patches.get(2)).toEqual({ retiresAt: NOW + DAY });
  });

  it('revokes the older versions at once when the rotation was for a leak', () => {
    const patches = patchesOf([pending(3, { supersede: { kind: 'revoke' } }), current(2), retiring(1)]);
    expect([patches.get(2), patches.get(1)]).toEqual([{ revokedAt: NOW }, { revokedAt: NOW }]);
  });

  it('neither extends a grace that runs nor reaches past the expiry', () => {
    expect(patchesOf([pending(3), retiring(2, { retiresAt: NOW + 5 })]).get(2)).toEqual({
      retiresAt: NOW + 5,
    });
    expect(patchesOf([pending(2), current(1)], NOW + 9).get(1)).toEqual({ retiresAt: NOW + 9 });
  });

  it('answers with the credential as it is afterwards', () => {
    const delivered = pending(2, { createdAt: NOW });
    const credential = aCredential({
      versions: [delivered, current(1)],
      rotateEvery: { text: '30d', ms: 30 * DAY },
    });
    const after = completeDelivery(credential, delivered, NOW).credential;
    expect(after.versions[0]).toMatchObject(DELIVERED);
    expect(after.versions[1]).toMatchObject({ retiresAt: NOW + DAY });
    expect(after.rotationDueAt).toBe(NOW + 30 * DAY);
  });
});
