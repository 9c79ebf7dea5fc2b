import { describe, expect, it } from 'vitest';
import { finishDoubt, finishRefusal, retiringVersions } from '../../../src/domain/credential/rotation.js';
import type { Version } from '../../../src/domain/credential/version.js';
import { aVersion } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';

const NOW = START + 1_000_000;
const DAY = 86_400_000;

const current = (number: number, change: Partial<Version> = {}) => aVersion({ number, ...change });
const retiring = (number: number, change: Partial<Version> = {}) =>
  aVersion({ number, retiresAt: NOW + DAY, ...change });

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

  it.each<readonly [string, Partial<Version>, Partial<Version>, string | null]>([
    ['neither was used', {}, {}, null],
    ['the new one was used', used(START, made - 1), used(NOW - 500, NOW), null],
    [
      'the old one was used before the rotation, the new one never',
      { ...used(START, made - 1), lastUsedFrom: '192.0.2.7' },
      {},
      'ci-bot may not have switched: version 2 was never used, version 1 was last used 2030-01-01T00:16:38.999Z from 192.0.2.7',
    ],
  ])('is noted where no use proves it: %s', (_what, oldUses, newUses, doubt) => {
    const versions = [current(2, { createdAt: made, ...newUses }), retiring(1, oldUses)];
    expect(finishDoubt('ci-bot', versions, NOW)).toBe(doubt);
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

  it.each<readonly [string, readonly Version[], boolean]>([
    [
      'one that was used after the one before the newest, although the newest was never used',
      [
        current(3, { createdAt: NOW - 10 }),
        retiring(2, used(NOW - 50, NOW - 20)),
        retiring(1, used(START, NOW - 40)),
      ],
      false,
    ],
    [
      'one that was used until the next one was, which was used until the newest was',
      [
        current(3, used(NOW - 10, NOW)),
        retiring(2, used(NOW - 50, NOW - 11)),
        retiring(1, used(START, NOW - 51)),
      ],
      true,
    ],
    [
      'one whose successor was taken back, and that was last used before the newest was made',
      [
        current(3, { createdAt: NOW - 10 }),
        current(2, { createdAt: NOW - 50, revokedAt: NOW - 30 }),
        retiring(1, used(START, NOW - 20)),
      ],
      true,
    ],
  ])('judges each by what is newer than it: %s', (_what, versions, allowed) => {
    expect(finishRefusal('ci-bot', versions, NOW) === null).toBe(allowed);
  });

  it('says when and from where each version was last used', () => {
    const versions = [
      current(3, { createdAt: made }),
      retiring(2, { ...used(made, NOW - 1), lastUsedFrom: '192.0.2.7' }),
      retiring(1, used(START, made)),
    ];
    const time = (at: number) => new Date(at).toISOString();
    expect(finishRefusal('ci-bot', versions, NOW)?.problem).toBe(
      `ci-bot has not switched: version 3 was never used, version 2 was last used ${time(NOW - 1)} from 192.0.2.7, version 1 was last used ${time(made)}`,
    );
  });
});
