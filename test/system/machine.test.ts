import { hostname, userInfo } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemActor } from '../../src/system/actor.js';
import { systemClock } from '../../src/system/clock.js';
import { faultCode } from '../../src/system/fault-code.js';
import { systemRandom } from '../../src/system/random.js';

/** Lets the program believe that it runs as that user. */
function runAs(uid: number): void {
  const own = process.geteuid;
  process.geteuid = () => uid;
  onTestFinished(() => {
    if (own !== undefined) process.geteuid = own;
  });
}

const here = hostname()
  .replaceAll(/[^\w.@+-]/g, '_')
  .slice(0, 64);
const me = `${userInfo().username}@${here}`;

describe('who makes a change', () => {
  it('is the user and the host', () => {
    expect(systemActor({})).toBe(me);
  });

  it('is the person who called sudo', () => {
    runAs(0);
    expect(systemActor({ SUDO_USER: 'alice' })).toBe(`alice@${here}`);
    expect(systemActor({ SUDO_USER: '' })).toBe(me);
  });

  it('is not whoever an ordinary user claims to be in the environment', () => {
    runAs(1000);
    expect(systemActor({ SUDO_USER: 'alice', USER: 'alice', LOGNAME: 'alice' })).toBe(me);
  });

  it('is one printable word of reasonable length', () => {
    runAs(0);
    expect(systemActor({ SUDO_USER: 'a b\n\u001b[31m' })).toBe(`a_b___31m@${here}`);
    expect(systemActor({ SUDO_USER: 'x'.repeat(500) })).toBe(`${'x'.repeat(64)}@${here}`);
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

describe('the code of a failed call', () => {
  it('is there for errors of the system alone', () => {
    expect(faultCode(Object.assign(new Error('no'), { code: 'ENOENT' }))).toBe('ENOENT');
    for (const other of [
      new Error('no'),
      { code: 'ENOENT' },
      null,
      'ENOENT',
      Object.assign(new Error(), { code: 5 }),
    ]) {
      expect(faultCode(other)).toBeNull();
    }
  });
});
