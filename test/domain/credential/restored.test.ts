import { describe, expect, it } from 'vitest';
import type { Credential, Owner } from '../../../src/domain/credential/credential.js';
import { endKnownElsewhere, restoredCredential } from '../../../src/domain/credential/restored.js';
import type { Version } from '../../../src/domain/credential/version.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { aCredential, aVersion, UNDELIVERED } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';

const DAY = 86_400_000;

const catalog = (() => {
  const preset = PRESETS.get('moveworks');
  if (preset === undefined) throw new TypeError('there is no default preset');
  return preset;
})();

type OwnerOf = NonNullable<Credential['owner']>;

const owner = (id: string, status: Owner['status'] = 'active'): OwnerOf => ({
  id,
  name: id,
  kind: 'service',
  status,
});

/** What becomes of a credential; the owners are those of today. */
function restored(
  before: Partial<Credential>,
  present: Partial<Credential>,
  owners: readonly OwnerOf[] = [],
) {
  const base = aCredential({ name: 'ci-bot', scopes: ['data:users'] });
  return restoredCredential(
    { ...base, ...before },
    { ...base, ...present },
    { catalog, owners: new Map(owners.map((each) => [each.id, each])) },
  );
}

describe('a credential that a backup brings back', () => {
  it('is as it was where nothing was taken away', () => {
    const before = {
      name: 'old-name',
      description: 'old',
      labels: new Map([['a', '1']]),
      rotateEvery: { text: '90d', ms: 90 * DAY },
    };
    const { patch, withheld } = restored(before, { description: null, labels: new Map() });
    expect(patch).toEqual(before);
    expect(withheld).toEqual([]);
  });

  it('needs no change where it is the same, in whatever order its labels stand', () => {
    const labels: readonly [string, string][] = [
      ['a', '1'],
      ['b', '2'],
    ];
    expect(restored({ labels: new Map(labels) }, { labels: new Map(labels.toReversed()) })).toMatchObject({
      patch: {},
      withheld: [],
    });
  });

  it.each<readonly [string, 'active' | 'inactive', 'active' | 'inactive', 'active' | 'inactive']>([
    ['was and is active', 'active', 'active', 'active'],
    ['was deactivated since', 'active', 'inactive', 'inactive'],
    ['was activated since', 'inactive', 'active', 'inactive'],
  ])('has the lesser status when it %s', (_what, before, present, expected) => {
    const { wanted, withheld } = restored({ status: before }, { status: present });
    expect(wanted.status).toBe(expected);
    expect(withheld).toEqual(before === expected ? [] : ['status']);
  });

  it.each<readonly [string, readonly string[], readonly string[], readonly string[]]>([
    ['what was removed stays away', ['data:users', 'events:messages'], ['data:users'], ['data:users']],
    ['what was added goes again', ['data:users'], ['data:users', 'events:messages'], ['data:users']],
    ['a star that was narrowed stays narrow', ['data:*'], ['data:users'], ['data:users']],
    ['a star that was granted since goes again', ['data:users'], ['data:*'], ['data:users']],
    [
      'both sides are narrowed to what they share',
      ['data:*', 'events:messages'],
      ['data:users', 'events:*'],
      ['data:users', 'events:messages'],
    ],
  ])('holds what both hold: %s', (_what, before, present, expected) => {
    const { wanted } = restored({ scopes: before }, { scopes: present });
    expect(wanted.scopes).toEqual(expected);
    expect(wanted.status).toBe('active');
  });

  it('stops, with the scopes of today, when they have none in common', () => {
    const { wanted, withheld } = restored({ scopes: ['data:users'] }, { scopes: ['events:messages'] });
    expect(wanted).toMatchObject({ status: 'inactive', scopes: ['events:messages'] });
    expect(withheld).toEqual(['status', 'scopes']);
  });

  it('holds no permission that the catalog has lost, though a star of today seems to cover it', () => {
    const { wanted } = restored({ scopes: ['data:gone', 'data:users'] }, { scopes: ['data:*'] });
    expect(wanted.scopes).toEqual(['data:users']);
  });

  it.each<readonly [number | null, number | null, number | null, boolean]>([
    [null, null, null, false],
    [START + DAY, START + 2 * DAY, START + DAY, false],
    [START + 2 * DAY, START + DAY, START + DAY, true],
    [null, START + DAY, START + DAY, true],
    [START + DAY, null, START + DAY, false],
  ])('expires at the earlier time: %s, %s', (before, present, expected, isWithheld) => {
    const { wanted, withheld } = restored({ expiresAt: before }, { expiresAt: present });
    expect(wanted.expiresAt).toBe(expected);
    expect(withheld.includes('expiry')).toBe(isWithheld);
  });

  it('goes back to its owner', () => {
    const { wanted, withheld } = restored({ owner: owner('a') }, { owner: owner('b') }, [
      owner('a'),
      owner('b'),
    ]);
    expect(wanted).toMatchObject({ ownerId: 'a', status: 'active' });
    expect(withheld).toEqual([]);
  });

  it.each<readonly [string, OwnerOf | null]>([
    ['from nobody', null],
    ['from an owner who is active', owner('b')],
  ])('is said to stop when it goes back to an owner who was deactivated since: %s', (_from, present) => {
    const { wanted, withheld } = restored({ owner: owner('a') }, { owner: present }, [
      owner('a', 'inactive'),
      owner('b'),
    ]);
    expect(wanted).toMatchObject({ ownerId: 'a', status: 'active' });
    expect(withheld).toEqual(['owner_status']);
  });

  it('stays with the owner of today when the earlier one is deleted', () => {
    const { wanted, withheld } = restored({ owner: owner('a') }, { owner: owner('b') }, [owner('b')]);
    expect(wanted).toMatchObject({ ownerId: 'b', status: 'active' });
    expect(withheld).toEqual(['owner']);
  });

  it.each<readonly [string, OwnerOf | null, readonly OwnerOf[]]>([
    ['to an owner who is active', owner('a'), [owner('a'), owner('b', 'inactive')]],
    ['to no owner', null, [owner('b', 'inactive')]],
  ])('does not start again by going back from an inactive owner %s', (_what, before, owners) => {
    const { wanted } = restored({ owner: before }, { owner: owner('b', 'inactive') }, owners);
    expect(wanted.status).toBe('inactive');
  });

  it('leaves it to its inactive owner to bring it back', () => {
    const inactive = owner('a', 'inactive');
    const { wanted } = restored({ owner: owner('a') }, { owner: inactive }, [inactive]);
    expect(wanted).toMatchObject({ ownerId: 'a', status: 'active' });
  });
});

describe('the end of a version that a damaged store knows of', () => {
  const at = (change: Partial<Version>): Version => aVersion({ id: 'same', ...change });

  it.each<readonly [string, Partial<Version>, Partial<Version> | null, object]>([
    ['nothing ended', {}, {}, {}],
    ['it was revoked', {}, { revokedAt: 7 }, { revokedAt: 7, delivery: null }],
    ['it was stamped', {}, { ended: { at: 7, as: 'retired' } }, { ended: { at: 7, as: 'retired' } }],
    ['a grace began', {}, { retiresAt: 9 }, { retiresAt: 9 }],
    ['its grace was shortened', { retiresAt: 9 }, { retiresAt: 7 }, { retiresAt: 7 }],
    ['its grace was taken back', { retiresAt: 7 }, {}, {}],
    ['its grace cannot grow', { retiresAt: 7 }, { retiresAt: 9 }, {}],
    ['it is not even listed any more', {}, null, { revokedAt: START, delivery: null }],
    ['it had ended before', { revokedAt: 5 }, null, {}],
    ['it lapses', { ...UNDELIVERED }, { ...UNDELIVERED, lapsesAt: 7 }, { lapsesAt: 7 }],
    ['it was delivered', {}, { ...UNDELIVERED, lapsesAt: 7 }, {}],
  ])('is kept: %s', (_what, version, known, expected) => {
    expect(endKnownElsewhere(at(version), known === null ? null : at(known), START)).toEqual(expected);
  });
});
