import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SigningKeys } from '../../../src/http/scan/signing-keys.js';
import { failure } from '../../storage/fixtures.js';
import { type AlertKey, alertKey, keyListOf } from '../../support/servers/github-alerts.js';

const BYTES = Buffer.from('[]');
const MINUTE = 60_000;

/** Keys of a list that a test changes, by a clock that it moves. */
function keysOf(first: string) {
  const world = { now: 0, list: first, loads: 0, isAway: false };
  const keys = new SigningKeys(
    {
      place: 'https://example.org/keys',
      isFile: false,
      async load() {
        world.loads += 1;
        if (world.isAway) throw new Error('away');
        return world.list;
      },
    },
    () => world.now,
  );
  const isSigned = (key: AlertKey, id = key.id) =>
    keys.isSigned(BYTES, { keyId: id, value: sign('sha256', BYTES, key.privateKey).toString('base64') });
  return { world, isSigned };
}

describe('the keys of alerts', () => {
  it('are loaded for the first alert, and for an unknown id once a minute at most', async () => {
    const [key, next] = [alertKey(), alertKey()];
    const { world, isSigned } = keysOf(keyListOf(key));
    expect(await Promise.all([isSigned(key), isSigned(key), isSigned(key)])).toEqual([true, true, true]);
    expect(await isSigned(next)).toBe(false);
    expect(world.loads).toBe(1);
    world.list = keyListOf(key, next);
    world.now = MINUTE - 1;
    expect(await isSigned(next)).toBe(false);
    world.now = MINUTE;
    expect(await isSigned(next)).toBe(true);
    expect(world.loads).toBe(2);
    expect(await isSigned(next, key.id)).toBe(false);
  });

  it('end an hour after they were taken off the list; one that does not answer takes none away', async () => {
    const [key, next] = [alertKey(), alertKey()];
    const { world, isSigned } = keysOf(keyListOf(key, next));
    expect(await isSigned(key)).toBe(true);
    world.list = keyListOf(next);
    world.isAway = true;
    world.now = 61 * MINUTE;
    expect(await isSigned(key)).toBe(true);
    world.isAway = false;
    world.now = 62 * MINUTE;
    expect([await isSigned(key), await isSigned(next)]).toEqual([false, true]);
  });

  it('that cannot be loaded are told apart from those that there are not', async () => {
    const key = alertKey();
    const { world, isSigned } = keysOf(keyListOf(key));
    world.isAway = true;
    await expect(isSigned(key)).rejects.toThrow(failure('store_unavailable', /cannot be loaded/));
    await expect(isSigned(key)).rejects.toThrow(failure('store_unavailable', /cannot be loaded/));
    expect(world.loads).toBe(1);
    world.isAway = false;
    world.now = MINUTE;
    expect(await isSigned(key)).toBe(true);
  });

  it('of another curve are no keys', async () => {
    const [key, other] = [alertKey(), alertKey('P-384')];
    const { isSigned } = keysOf(keyListOf(key, other));
    expect([await isSigned(key), await isSigned(other)]).toEqual([true, false]);
  });
});
