import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { credctl } from '../../support/program/real-program.js';
import { makeWorkplace } from '../../support/program/workplace.js';

const CREATE = ['create', 'b', '--type', 'api-key', '--scope', 'data:users'];

describe('a store whose file and log do not belong together', () => {
  it('is a damaged one for what meets the contradiction, not something unexpected', async () => {
    const place = makeWorkplace();
    try {
      await credctl(place, ['store', 'init', '--hash', 'sha256']);
      await credctl(place, ['create', 'a', '--type', 'api-key', '--scope', 'data:users']);
      // What an older head under newer events looks like: the next event has the number of one that is there.
      const database = new Database(place.store);
      database.exec('update audit_head set seq = seq - 1');
      database.close();
      for (const argv of [
        CREATE,
        ['edit', 'a', '--description', 'x'],
        ['rotate', 'a'],
        ['delete', 'a', '--yes'],
      ]) {
        const { exitCode, stdout, stderr } = await credctl(place, argv);
        expect([exitCode, stdout, stderr], argv.join(' ')).toEqual([
          9,
          '',
          expect.stringMatching(/contradicts itself/),
        ]);
        expect(stderr).toMatch(/hint: .*store check.*backup/);
      }
    } finally {
      place.remove();
    }
  });
});
