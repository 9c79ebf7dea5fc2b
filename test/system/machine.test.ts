import { hostname, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../src/system/actor.js';
import { systemClock } from '../../src/system/clock.js';
import { systemRandom } from '../../src/system/random.js';

const here = hostname()
  .replaceAll(/[^\w.@+-]/g, '_')
  .slice(0, 64);
const account = userInfo().username;

describe('who makes a change', () => {
  it('is the account and the host', () => {
    expect(systemActor({})).toBe(`${account}@${here}`);
    expect(systemActor({ USER: 'alice', LOGNAME: 'alice' })).toBe(`${account}@${here}`);
  });

  it.each(['SUDO_USER', 'DOAS_USER'])('is the person that %s names as well, never alone', (name) => {
    expect(systemActor({ [name]: 'alice' })).toBe(`alice (as ${account})@${here}`);
    expect(systemActor({ [name]: '' })).toBe(`${account}@${here}`);
    expect(systemActor({ [name]: account })).toBe(`${account}@${here}`);
  });

  it('is the person who called sudo where doas was called from there, or the other way round', () => {
    expect(systemActor({ SUDO_USER: 'alice', DOAS_USER: account })).toBe(`alice (as ${account})@${here}`);
    expect(systemActor({ SUDO_USER: account, DOAS_USER: 'alice' })).toBe(`alice (as ${account})@${here}`);
    expect(systemActor({ SUDO_USER: 'alice', DOAS_USER: 'bob' })).toBe(`alice (as ${account})@${here}`);
  });

  it('is printable and of reasonable length, and no name can claim to be an account', () => {
    expect(systemActor({ SUDO_USER: 'a b\n\u001b[31m' })).toBe(`a_b___31m (as ${account})@${here}`);
    expect(systemActor({ SUDO_USER: 'x'.repeat(500) })).toBe(`${'x'.repeat(64)} (as ${account})@${here}`);
    expect(systemActor({ SUDO_USER: 'root (as root)@db' })).toBe(`root__as_root_@db (as ${account})@${here}`);
  });
});

describe('chance', () => {
  it('draws as many bytes as asked for, and never the same', () => {
    const drawn = Array.from({ length: 100 }, () => Buffer.from(systemRandom.bytes(32)).toString('hex'));
    expect(new Set(drawn).size).toBe(100);
    expect(drawn.every((text) => text.length === 64)).toBe(true);
  });

  it('makes ids of version 7, which tell their time and sort by it', () => {
    const ids = [0, 1, 1_893_456_000_000, 1_893_456_000_001, 2 ** 48 - 1].map((now) =>
      systemRandom.uuid(now),
    );
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...ids].sort()).toEqual(ids);
    expect(ids[2]?.slice(0, 13)).toBe('01b8dac5-b400');
    expect(new Set(Array.from({ length: 1_000 }, () => systemRandom.uuid(5))).size).toBe(1_000);
  });
});

describe('the clock', () => {
  it('tells whole milliseconds', () => {
    const now = systemClock.now();
    expect(Number.isSafeInteger(now)).toBe(true);
    expect(Math.abs(now - Date.now())).toBeLessThan(1_000);
  });
});
