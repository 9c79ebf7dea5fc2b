import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Ended, PROGRAM, runIn } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';

const [USER, NOBODY] = [12_345, 65_534];
const CREATE = ['create', 'a', '--type', 'api-key', '--scope', 'data:users'];

let place: Workplace;
let home: string;

beforeEach(() => {
  place = makeWorkplace();
  home = join(place.root, 'home');
  chmodSync(place.root, 0o711);
  return () => place.remove();
});

/** Runs the program with the default store below the home. */
function credctl(uid: number, argv: readonly string[]): Promise<Ended> {
  const run = ['env', '-u', 'XDG_DATA_HOME', '-u', 'XDG_CONFIG_HOME', process.execPath, PROGRAM, ...argv];
  const as = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  return runIn(place, uid === 0 ? run : [...as, ...run]);
}

describe.runIf(process.geteuid?.() === 0)('root with the home of another user (sudo -E)', () => {
  it.each([[CREATE], [['store', 'init']]])('makes no directories there: %s', async (argv) => {
    chownSync(home, NOBODY, NOBODY);
    const { exitCode, stdout, stderr } = await credctl(0, argv);
    expect([exitCode, stdout, stderr]).toEqual([
      4,
      '',
      expect.stringMatching(/belongs to another user, and files that root creates/),
    ]);
    expect(stderr).toMatch(/sudo -u nobody credctl .*sudo -H credctl/);
    expect(readdirSync(home)).toEqual([]);
  });

  it('is told to be that user, on a store that the user has', async () => {
    chownSync(home, NOBODY, NOBODY);
    expect(await credctl(NOBODY, ['store', 'init', '--hash', 'sha256'])).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await credctl(0, ['list']);
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringMatching(/belongs to another user\n.*sudo -u nobody credctl/),
    ]);
    const store = join(home, '.local/share/credctl/credctl.db');
    expect([lstatSync(store).uid, readdirSync(join(store, '..'))]).toEqual([NOBODY, ['credctl.db']]);
  });
});

describe.runIf(process.geteuid?.() === 0)('a user whose directories root has made', () => {
  it('is told how to get them back, and does', async () => {
    chownSync(home, USER, USER);
    mkdirSync(join(home, '.local/share/credctl'), { recursive: true, mode: 0o700 });
    for (const argv of [['list'], CREATE]) {
      const { exitCode, stderr } = await credctl(USER, argv);
      expect([exitCode, stderr]).toEqual([4, expect.stringMatching(/^credctl: permission to open /)]);
      expect(stderr).toContain(`sudo chown -R "$(id -u):$(id -g)" ${join(home, '.local')}\n`);
    }
  });
});
