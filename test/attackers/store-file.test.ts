import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SecretSearch } from '../support/dependencies/secret-search.js';
import { mustSucceed, RESIDENTS, type Settled, settle } from '../support/faults/interrupted-delivery.js';
import { credctlAs, EVE } from '../support/faults/planted.js';
import { credctl, runIn } from '../support/program/real-program.js';
import { MEMORY, type Workplace } from '../support/program/workplace.js';
import { probing, verdictOn } from '../support/stores/store-probe.js';

let settled: Settled;
let place: Workplace;

beforeAll(async () => {
  settled = await settle(MEMORY);
  place = settled.place;
  mustSucceed(await credctl(place, ['store', 'backup', place.output('backup.db')]));
  mustSucceed(await credctl(place, ['rotate', RESIDENTS.oauth2, '--output', place.output('client')]));
});

afterAll(() => place.remove());

describe('an attacker with the store file or a copy', () => {
  it('finds names and hashes, and nothing that is good for anything', async () => {
    const search = new SecretSearch();
    for (const secret of Object.values(settled.secrets)) search.add(secret);
    expect(search.filesIn(place.storeDirectory)).toEqual([]);
    expect(search.isIn(readFileSync(place.output('backup.db'), 'latin1'))).toBe(false);
    const database = new Database(place.output('backup.db'), { readonly: true });
    const hashes = database.prepare<[], string>('select hash from version_hash').pluck().all();
    const ids = database.prepare<[], string>('select version_id from version_hash').pluck().all();
    database.close();
    expect(hashes.length).toBe(2);
    await probing(place, async (probe) => {
      for (const [at, hash] of hashes.entries()) {
        const digest = hash.split('$').at(-1) ?? '';
        for (const tried of [hash, digest, `cctl_key_${ids[at]}${digest.slice(0, 43)}000000`]) {
          expect(await verdictOn(probe, tried)).toBe('malformed');
        }
      }
    });
  });
});

describe.runIf(process.geteuid?.() === 0)('an attacker with a process on the machine as another user', () => {
  /** What that user reads, or why not. */
  const read = (path: string) => {
    const as = ['setpriv', `--reuid=${EVE}`, `--regid=${EVE}`, '--clear-groups', 'cat', path];
    return runIn(place, as);
  };

  it('reads neither store nor log, backup or output, even where the directories are open', async () => {
    for (const directory of [place.root, join(place.root, 'data'), place.storeDirectory, place.outputs]) {
      chmodSync(directory, 0o755);
    }
    const files = [place.storeDirectory, place.outputs].flatMap((directory) =>
      readdirSync(directory).map((name) => join(directory, name)),
    );
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const path of files) {
      expect([path, lstatSync(path).mode & 0o077]).toEqual([path, 0]);
      expect(await read(path)).toMatchObject({ exitCode: 1, stdout: '' });
    }
    expect((await credctlAs(EVE, place, ['list', '--store', place.store])).exitCode).toBe(4);
  });

  it('finds a store that is open to others refused, with the command that mends it', async () => {
    chmodSync(place.store, 0o644);
    const { exitCode, stderr } = await credctl(place, ['list']);
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringMatching(/other users can read or write \S+\nhint: run: chmod 600 /),
    ]);
    mustSucceed(await runIn(place, ['sh', '-c', /hint: run: (.*)/.exec(stderr)?.[1] ?? 'false']));
    mustSucceed(await credctl(place, ['list']));
  });

  it.each(['-wal', '-journal'])(
    'gets no log of theirs taken over as a part of the store: %s',
    async (suffix) => {
      const log = join(place.root, `beside.db${suffix}`);
      copyFileSync(place.store, join(place.root, 'beside.db'));
      writeFileSync(log, 'planted', { mode: 0o600 });
      chownSync(log, EVE, EVE);
      const { exitCode, stderr } = await credctl(place, ['list', '--store', join(place.root, 'beside.db')]);
      expect([exitCode, stderr]).toEqual([
        4,
        expect.stringMatching(/belongs to another user .*\nhint: .*remove it/),
      ]);
      expect(stderr).not.toContain('chown');
    },
  );

  it('gets nothing written to a store that is theirs', async () => {
    const theirs = join(place.root, 'theirs.db');
    copyFileSync(place.store, theirs);
    chownSync(theirs, EVE, EVE);
    const argv = ['create', 'x', '--type', 'api-key', '--scope', 'data:users', '--store', theirs];
    expect(await credctl(place, argv)).toMatchObject({ exitCode: 4, stdout: '' });
  });
});
