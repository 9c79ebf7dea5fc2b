import { readFileSync, statSync } from 'node:fs';
import { pid, platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { lastingDescriptor } from '../../../src/storage/sqlite/file/descriptors.js';
import { openSqliteStore } from '../../../src/storage/sqlite/store.js';
import { SQLITE } from '../../support/stores/stores.js';
import { opened } from '../contract/opened.js';

/** The locks that this process has on a file, without their numbers, which count the locks of all processes. */
function locksOn(path: string): readonly string[] {
  const { ino } = statSync(path);
  const lines = readFileSync('/proc/locks', 'utf8').split('\n');
  const own = lines.filter((line) => line.includes(` ${pid} `) && line.includes(`:${ino} `));
  return own.map((line) => line.replace(/^\d+: /, ''));
}

describe('a file that is looked at', () => {
  it.runIf(platform === 'linux')(
    'stays locked for whoever has it open, also when it is opened and closed once more',
    async () => {
      const { store, path } = await opened(SQLITE);
      await store.settings();
      const before = locksOn(path);
      expect(before).not.toEqual([]);
      const second = openSqliteStore(path);
      await second?.settings();
      await second?.close();
      expect(locksOn(path)).toEqual(before);
    },
  );

  it('is opened for that once', async () => {
    const { path } = await opened(SQLITE);
    expect(lastingDescriptor(path)).toBe(lastingDescriptor(path));
  });
});
