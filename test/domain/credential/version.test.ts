import { describe, expect, it } from 'vitest';
import {
  authenticates,
  LAPSE_AFTER_MS,
  newestFirst,
  newestReceived,
  retirementTime,
  type Version,
  type VersionState,
  versionState,
  wasReceived,
} from '../../../src/domain/credential/version.js';
import { aVersion, UNDELIVERED } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';

const NOW = START + 1_000_000;

/** Every kind of version, and what it is at NOW. */
const STATES: readonly (readonly [string, Partial<Version>, VersionState])[] = [
  ['delivered', {}, 'current'],
  ['delivered and used', { firstUsedAt: NOW - 1, lastUsedAt: NOW }, 'current'],
  ['undelivered, and it does not lapse', UNDELIVERED, 'pending'],
  ['undelivered, and it lapses in a moment', { ...UNDELIVERED, lapsesAt: NOW + 1 }, 'pending'],
  ['undelivered, and it lapses now', { ...UNDELIVERED, lapsesAt: NOW }, 'lapsed'],
  ['undelivered, lapsed long ago', { ...UNDELIVERED, lapsesAt: START }, 'lapsed'],
  [
    'undelivered, past its lapse, but used before',
    { ...UNDELIVERED, lapsesAt: NOW, firstUsedAt: START },
    'pending',
  ],
  ['delivered although its lapse had passed', { deliveredAt: NOW, lapsesAt: null }, 'current'],
  ['superseded, in its grace', { retiresAt: NOW + 1 }, 'retiring'],
  ['superseded, its grace ends now', { retiresAt: NOW }, 'retired'],
  ['superseded long ago', { retiresAt: START }, 'retired'],
  ['undelivered and superseded, in its grace', { ...UNDELIVERED, retiresAt: NOW + 1 }, 'retiring'],
  ['undelivered and superseded, lapsed', { ...UNDELIVERED, retiresAt: NOW + 1, lapsesAt: NOW }, 'lapsed'],
  ['revoked', { revokedAt: NOW }, 'revoked'],
  ['revoked in its grace', { revokedAt: NOW, retiresAt: NOW + 1 }, 'revoked'],
  ['revoked after its grace', { revokedAt: NOW, retiresAt: START }, 'revoked'],
  ['revoked before it was delivered', { ...UNDELIVERED, revokedAt: NOW, lapsesAt: START }, 'revoked'],
  ['stamped as retired', { retiresAt: START, ended: { at: START, as: 'retired' } }, 'retired'],
  [
    'stamped as retired, the clock set back since',
    { retiresAt: NOW + 1, ended: { at: NOW + 1, as: 'retired' } },
    'retired',
  ],
  [
    'stamped as lapsed, the clock set back since',
    { ...UNDELIVERED, lapsesAt: NOW + 1, ended: { at: NOW + 1, as: 'lapsed' } },
    'lapsed',
  ],
  ['stamped, then revoked', { revokedAt: NOW, ended: { at: START, as: 'retired' } }, 'revoked'],
];

describe('the state of a version', () => {
  it.each(STATES)('%s', (_what, change, state) => {
    expect(versionState(aVersion(change), NOW)).toBe(state);
  });

  it.each(STATES)('authenticates while pending, current or retiring: %s', (_what, change, state) => {
    expect(authenticates(aVersion(change), NOW)).toBe(['pending', 'current', 'retiring'].includes(state));
  });

  it('lapses ten minutes after it was made', () => {
    expect(LAPSE_AFTER_MS).toBe(10 * 60 * 1_000);
  });
});

describe('certainty that somebody holds a secret', () => {
  it.each<readonly [string, Partial<Version>, boolean]>([
    ['it was delivered', {}, true],
    ['it was used before anybody confirmed the delivery', { ...UNDELIVERED, firstUsedAt: NOW }, true],
    ['it was neither delivered nor used', UNDELIVERED, false],
    ['it was delivered and has retired', { ended: { at: NOW, as: 'retired' } }, true],
  ])('%s', (_what, change, received) => {
    expect(wasReceived(aVersion(change))).toBe(received);
  });

  it('counts from the newest version that was received and not taken back', () => {
    const versions = [
      aVersion({ number: 1 }),
      aVersion({ number: 2, retiresAt: NOW }),
      aVersion({ number: 3, revokedAt: NOW }),
      aVersion({ number: 4, ...UNDELIVERED }),
    ];
    expect(newestReceived(versions)?.number).toBe(2);
    expect(newestReceived(versions.toReversed())?.number).toBe(2);
    expect(newestReceived(versions.slice(2))).toBeNull();
    expect(newestReceived([])).toBeNull();
  });

  it('orders versions by number, the highest first, and leaves the list as it was', () => {
    const versions = [2, 10, 1].map((number) => aVersion({ number }));
    expect(newestFirst(versions).map((version) => version.number)).toEqual([10, 2, 1]);
    expect(versions.map((version) => version.number)).toEqual([2, 10, 1]);
  });
});

describe('when a superseded version stops', () => {
  const DAY = 86_400_000;
  it.each<readonly [string, Partial<Version>, number, number | null, number]>([
    ['after the grace', {}, DAY, null, NOW + DAY],
    ['at once without a grace', {}, 0, null, NOW],
    ['never past the expiry of the credential', {}, DAY, NOW + 5, NOW + 5],
    ['after the grace when the expiry is later', {}, DAY, NOW + 2 * DAY, NOW + DAY],
    ['never later than it would have stopped anyway', { retiresAt: NOW + 7 }, DAY, NOW + DAY, NOW + 7],
    ['earlier than before with a shorter grace', { retiresAt: NOW + DAY }, 9, null, NOW + 9],
  ])('%s', (_what, change, graceMs, expiresAt, expected) => {
    expect(retirementTime(aVersion(change), NOW, graceMs, expiresAt)).toBe(expected);
  });
});
