import { describe, expect, it } from 'vitest';
import {
  abortPlan,
  completeDelivery,
  neverReceived,
  resumableVersion,
  rotationRefusal,
} from '../../../src/domain/credential/rotation.js';
import type { Supersede, Version } from '../../../src/domain/credential/version.js';
import { aCredential, aVersion, UNDELIVERED } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';

const NOW = START + 1_000_000;
const DAY = 86_400_000;

const current = (number: number, change: Partial<Version> = {}) => aVersion({ number, ...change });
const retiring = (number: number, change: Partial<Version> = {}) =>
  aVersion({ number, retiresAt: NOW + DAY, ...change });
const pending = (number: number, change: Partial<Version> = {}) =>
  aVersion({ number, ...UNDELIVERED, ...change });
const retired = (number: number) => aVersion({ number, retiresAt: NOW });

const GRACE = { kind: 'grace', ms: DAY } as const;
const AT_ONCE = { kind: 'grace', ms: 0 } as const;
const REVOKE = { kind: 'revoke' } as const;

describe('whether a credential can be rotated', () => {
  const five = [current(6), retiring(5), retiring(4), retiring(3), pending(2), retired(1)];
  it.each<readonly [string, readonly Version[], Supersede, boolean]>([
    ['one current version', [current(1)], GRACE, true],
    ['the previous version is retiring', [current(2), retiring(1)], GRACE, true],
    ['the previous version has retired', [current(2), retired(1)], GRACE, true],
    ['a delivery was cut off', [pending(2), current(1)], GRACE, true],
    ['four work', five.slice(1), GRACE, true],
    ['five work, a pending one included', five, GRACE, false],
    ['five work, and all but the new one will end when it is delivered', five, AT_ONCE, true],
    ['five work, and the older ones will be revoked', five, REVOKE, true],
  ])('%s', (_what, versions, supersede, allowed) => {
    expect(rotationRefusal('ci-bot', versions, NOW, supersede) === null).toBe(allowed);
  });

  it('names the ways out when no more versions may work', () => {
    const refusal = rotationRefusal('ci-bot', five, NOW, GRACE);
    expect(refusal?.problem).toContain('ci-bot has 5 working secrets');
    for (const way of ['--finish', '--grace 0', '--now']) expect(refusal?.hint).toContain(way);
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
      [
        current(3),
        retiring(2, { ...UNDELIVERED, lapsesAt: NOW + 1, superseded: { by: 3, retiresBefore: null } }),
        retiring(1, { superseded: { by: 3, retiresBefore: null } }),
      ],
      3,
      [2, 1],
    ],
  ])('%s', (_what, versions, revoke, restore) => {
    const plan = abortPlan('ci-bot', versions, NOW, false);
    const numbers = 'revoke' in plan && [plan.revoke.number, plan.restore.map((version) => version.number)];
    expect(numbers).toEqual([revoke, restore]);
  });

  it('makes the previous one current, and gives the others the ends that they had', () => {
    const versions = [
      current(4),
      retiring(3, { superseded: { by: 4, retiresBefore: null } }),
      retiring(2, { superseded: { by: 4, retiresBefore: NOW + 7 * DAY } }),
      retiring(1, { superseded: { by: 2, retiresBefore: null } }),
    ];
    const plan = abortPlan('ci-bot', versions, NOW, false);
    expect('restore' in plan && plan.restore.map(({ number, retiresAt }) => [number, retiresAt])).toEqual([
      [3, null],
      [2, NOW + 7 * DAY],
    ]);
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
    expect(neverReceived([pending(2), pending(1, { receivedAt: NOW })])).toBe(false);
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
    const superseded = { by: 4, retiresBefore: null };
    expect(patches.get(3)).toEqual({ retiresAt: NOW + DAY, superseded });
    expect(patches.get(2)).toEqual({ retiresAt: NOW + DAY, superseded });
  });

  it('revokes the older versions at once when the rotation was for a leak', () => {
    const patches = patchesOf([pending(3, { supersede: { kind: 'revoke' } }), current(2), retiring(1)]);
    expect([patches.get(2), patches.get(1)]).toEqual([{ revokedAt: NOW }, { revokedAt: NOW }]);
  });

  it('neither extends a grace that runs nor reaches past the expiry', () => {
    expect([...patchesOf([pending(3), retiring(2, { retiresAt: NOW + 5 })]).keys()]).toEqual([3]);
    expect(patchesOf([pending(2), current(1)], NOW + 9).get(1)).toEqual({
      retiresAt: NOW + 9,
      superseded: { by: 2, retiresBefore: null },
    });
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
