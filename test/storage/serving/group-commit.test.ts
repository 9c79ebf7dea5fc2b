import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessToken } from '../../../src/domain/ports/store-port.js';
import { GroupCommit } from '../../../src/storage/serving/group-commit.js';

const token = (id: string): AccessToken => ({
  id,
  credentialId: 'credential',
  versionId: 'version',
  digest: 'digest',
  scopes: [],
  issuedAt: 0,
  expiresAt: 1,
});

/** A store that takes so many milliseconds for each write, and what it was given. */
function slowStore(milliseconds: number) {
  const written: string[] = [];
  const group = new GroupCommit(async (tokens) => {
    written.push(tokens.map(({ id }) => id).join(''));
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    if (tokens.some(({ id }) => id === '!')) throw new Error('the disk is full');
    return tokens.map(({ id }) => id !== '-');
  });
  return { group, written, ask: (ids: string) => Promise.all([...ids].map((id) => group.add(token(id)))) };
}

describe('tokens that are written in groups', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are written at once when nothing else is, and together when they come together', async () => {
    const { written, ask } = slowStore(4);
    const answered = ask('a-c');
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual(['a-c']);
    await vi.advanceTimersByTimeAsync(4);
    expect(await answered).toEqual([true, false, true]);
  });

  it('are the next group when they come while others are being written', async () => {
    const { written, ask } = slowStore(4);
    const first = ask('a');
    await vi.advanceTimersByTimeAsync(1);
    const later = [ask('b'), ask('c')];
    await vi.advanceTimersByTimeAsync(2);
    expect(written).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(20);
    await Promise.all([first, ...later]);
    expect(written).toEqual(['a', 'bc']);
  });

  it('wait for those that were answered together to ask again, and for nothing more', async () => {
    const { written, ask } = slowStore(4);
    void ask('abc');
    await vi.advanceTimersByTimeAsync(4);
    void ask('d');
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toEqual(['abc']);
    void ask('ef');
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual(['abc', 'def']);
  });

  it('wait no longer than half of the time that writing took', async () => {
    const { written, ask } = slowStore(4);
    void ask('abc');
    await vi.advanceTimersByTimeAsync(4);
    void ask('d');
    await vi.advanceTimersByTimeAsync(2);
    expect(written).toEqual(['abc', 'd']);
  });

  it('wait five milliseconds at most, however long writing took', async () => {
    const { written, ask } = slowStore(9_000);
    void ask('abc');
    await vi.advanceTimersByTimeAsync(9_000);
    void ask('d');
    await vi.advanceTimersByTimeAsync(5);
    expect(written).toEqual(['abc', 'd']);
  });

  it('wait less and less often where nobody asks again in time', async () => {
    const { written, ask } = slowStore(4);
    const waited: boolean[] = [];
    for (let round = 0; round < 12; round += 1) {
      void ask('ab');
      await vi.advanceTimersByTimeAsync(3);
      void ask('c');
      await vi.advanceTimersByTimeAsync(1);
      waited.push(written.length === 2 * round + 1);
      // What arrived during the write is the next batch, and no caller is left to wait for.
      await vi.advanceTimersByTimeAsync(60);
    }
    expect(written).toEqual(Array.from({ length: 12 }, () => ['ab', 'c']).flat());
    expect(waited.filter((each) => each).length).toBeGreaterThan(0);
    expect(waited.filter((each) => each).length).toBeLessThan(5);
  });

  it('do not wait for anybody where one client asks at a time', async () => {
    const { written, ask } = slowStore(4);
    for (const id of 'abc') {
      void ask(id);
      await vi.advanceTimersByTimeAsync(0);
      expect(written.at(-1)).toBe(id);
      await vi.advanceTimersByTimeAsync(4);
    }
  });

  it('do not wait for those that do not come back', async () => {
    const { written, ask } = slowStore(4);
    void ask('abc');
    await vi.advanceTimersByTimeAsync(60);
    void ask('d');
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual(['abc', 'd']);
  });

  it('fail together, and the next ones are written all the same', async () => {
    const { written, ask } = slowStore(4);
    const failed = Promise.all([
      expect(ask('a')).rejects.toThrow('the disk is full'),
      expect(ask('!')).rejects.toThrow('the disk is full'),
    ]);
    await vi.advanceTimersByTimeAsync(4);
    await failed;
    const next = ask('b');
    await vi.advanceTimersByTimeAsync(20);
    expect(await next).toEqual([true]);
    expect(written).toEqual(['a!', 'b']);
  });

  it('are one group, however many they are and however quick writing is', async () => {
    const { written, ask } = slowStore(1);
    void ask('abcdefghijklmnop');
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toEqual(['abcdefghijklmnop']);
  });

  it('need no pause where writing is quick', async () => {
    const { written, ask } = slowStore(1);
    void ask('abc');
    await vi.advanceTimersByTimeAsync(1);
    void ask('d');
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual(['abc', 'd']);
  });

  it('go with those that have arrived unnoticed meanwhile', async () => {
    const sizes: number[] = [];
    const unnoticed = [token('b'), token('c')];
    const kept: boolean[] = [];
    const group: GroupCommit = new GroupCommit(
      async (tokens) => {
        sizes.push(tokens.length);
        return tokens.map(({ id }) => id !== 'c');
      },
      () => {
        for (const each of unnoticed.splice(0)) void group.add(each).then((isKept) => kept.push(isKept));
      },
    );
    expect(await group.add(token('a'))).toBe(true);
    await group.settled();
    expect(sizes).toEqual([3]);
    expect(kept).toEqual([true, false]);
  });

  it('are settled once nothing waits any more', async () => {
    const { group, written, ask } = slowStore(4);
    void ask('a');
    await vi.advanceTimersByTimeAsync(1);
    void ask('b');
    let isSettled = false;
    void group.settled().then(() => {
      isSettled = true;
    });
    await vi.advanceTimersByTimeAsync(4);
    expect(isSettled).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    expect(isSettled).toBe(true);
    expect(written).toEqual(['a', 'b']);
  });
});
