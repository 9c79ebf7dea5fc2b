import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { PROGRAM, runIn } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';

const isRoot = process.geteuid?.() === 0;
const [READER, STRANGER, GROUP] = [12_345, 12_346, 12_347];

let place: Workplace;
let key: string;

beforeEach(async () => {
  place = makeWorkplace();
  key = place.output('app.key');
  await credctl('store', 'init', '--hash', 'sha256');
  await credctl('create', 'app', '--type', 'api-key', '--scope', 'data:users', '--output', key);
  return () => place.remove();
});

const credctl = (...argv: readonly string[]) => runIn(place, [process.execPath, PROGRAM, ...argv]);
const replace = () => credctl('rotate', 'app', '--now', '--output', key, '--force');

/** Owner, group and mode. */
function rightsOf(path: string): readonly [number, number, string] {
  const { uid, gid, mode } = statSync(path);
  return [uid, gid, (mode & 0o7777).toString(8)];
}

async function expectRefused(message: RegExp, hint: RegExp): Promise<void> {
  const [before, version] = [readFileSync(key, 'utf8'), await versionOfApp()];
  const { exitCode, stderr } = await replace();
  expect([exitCode, stderr]).toEqual([6, expect.stringMatching(message)]);
  expect(stderr).toMatch(hint);
  expect([readFileSync(key, 'utf8'), await versionOfApp()]).toEqual([before, version]);
  expect(readdirSync(dirname(key))).toEqual(['app.key']);
}

/** Lets another user read a file, in the binary form of acl(5): version 2, then tag, permissions and id of each entry. */
function giveList(path: string): void {
  const entries = [
    '01000600ffffffff',
    '0200040039300000',
    '04000000ffffffff',
    '10000400ffffffff',
    '20000000ffffffff',
  ];
  const script =
    'import os, sys; os.setxattr(sys.argv[1], "system.posix_acl_access", bytes.fromhex(sys.argv[2]))';
  execFileSync('python3', ['-c', script, path, `02000000${entries.join('')}`]);
}

/** The text of the credential: what was never issued is not in it. */
async function versionOfApp(): Promise<string> {
  return (await credctl('show', 'app', '--json')).stdout;
}

describe.runIf(isRoot)('a file that a rotation replaces', () => {
  it('can be read by whom its group let in, and by nobody else', async () => {
    chownSync(key, 0, GROUP);
    chmodSync(key, 0o640);
    expect((await replace()).exitCode).toBe(0);
    expect(rightsOf(key)).toEqual([0, GROUP, '640']);
    for (const directory of [place.root, dirname(key)]) chmodSync(directory, 0o711);
    const as = (uid: number, gid: number) => () =>
      execFileSync('setpriv', [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', 'cat', key], {
        stdio: 'pipe',
      });
    expect(as(READER, GROUP)().toString()).toBe(readFileSync(key, 'utf8'));
    expect(as(STRANGER, STRANGER)).toThrow(/Permission denied/);
  });

  it('belongs to its reader again, where the reader owns the directory', async () => {
    chownSync(dirname(key), READER, GROUP);
    chownSync(key, READER, GROUP);
    expect((await replace()).exitCode).toBe(0);
    expect(rightsOf(key)).toEqual([READER, GROUP, '600']);
  });

  it('is replaced the same way by --output-dir', async () => {
    chownSync(key, 0, GROUP);
    chmodSync(key, 0o440);
    const named = `${dirname(key)}/app`;
    execFileSync('mv', [key, named]);
    await credctl('edit', 'app', '--rotate-every', '1s');
    expect((await credctl('rotate', '--due', '--within', '1d', '--output-dir', dirname(key))).exitCode).toBe(
      0,
    );
    expect(rightsOf(named)).toEqual([0, GROUP, '440']);
  });

  it('is refused where it belongs to a third user', async () => {
    chownSync(key, STRANGER, STRANGER);
    await expectRefused(/belongs to user 12346/, /chown "\$\(id -u\)" \S+app\.key && chmod 640/);
  });

  it('is refused where others could have put it there, and its group would get the secret', async () => {
    chownSync(key, 0, GROUP);
    chmodSync(key, 0o640);
    chmodSync(dirname(key), 0o1777);
    await expectRefused(/can change its directory/, /chmod go-w \S+out.*chmod 600 \S+app\.key/);
  });

  it('is refused where its group cannot be given to the new one', async () => {
    for (const path of [
      place.root,
      ...['home', 'tmp', 'config', 'data', 'data/credctl', 'out'].map((name) => `${place.root}/${name}`),
      place.store,
    ])
      chownSync(path, READER, READER);
    chownSync(key, READER, GROUP);
    chmodSync(key, 0o640);
    const argv = [process.execPath, PROGRAM, 'rotate', 'app', '--now', '--output', key, '--force'];
    const before = readFileSync(key, 'utf8');
    const ended = await runIn(place, [
      'setpriv',
      `--reuid=${READER}`,
      `--regid=${READER}`,
      '--clear-groups',
      ...argv,
    ]);
    expect([ended.exitCode, ended.stderr]).toEqual([
      6,
      expect.stringMatching(/cannot give a new file the same owner and group/),
    ]);
    expect([readFileSync(key, 'utf8'), rightsOf(key)]).toEqual([before, [READER, GROUP, '640']]);
    expect(readdirSync(dirname(key))).toEqual(['app.key']);
  });
});

describe('a file that a rotation replaces', () => {
  it('is closed to others, which is said', async () => {
    chmodSync(key, 0o644);
    const { exitCode, stderr } = await replace();
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/was readable by every user/)]);
    expect(rightsOf(key)[2]).toBe('640');
  });

  it('keeps the earlier secret under another name that it had, which is said', async () => {
    linkSync(key, `${key}.kept`);
    expect((await replace()).stderr).toMatch(/had another name \(a hard link\)/);
    expect(readFileSync(`${key}.kept`, 'utf8')).not.toBe(readFileSync(key, 'utf8'));
  });

  it('of this user alone is replaced in a directory that others can change as well', async () => {
    chmodSync(dirname(key), 0o1777);
    const { exitCode, stderr } = await replace();
    expect([exitCode, stderr]).toEqual([0, expect.not.stringMatching(/any user can/)]);
    expect(rightsOf(key)[2]).toBe('600');
  });

  it('does not keep its access control list, which is said', async () => {
    giveList(key);
    const { exitCode, stderr } = await replace();
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/app\.key" had an access control list/)]);
    // What looks like the right of the group was the mask of the list; the group itself was shut out.
    expect(rightsOf(key)[2]).toBe('600');
    expect((await replace()).stderr).not.toMatch(/access control/);
    giveList(key);
    expect((await credctl('rotate', 'app', '--now', '--output', key, '--force', '--quiet')).stderr).toBe('');
  });

  it('gets nothing back for the group that its list shut out, where the delivery fails after all', async () => {
    giveList(key);
    const before = readFileSync(key, 'utf8');
    const { exitCode, stderr } = await credctl('rotate', 'app', '--output', key, '--force', '--', 'false');
    expect([exitCode, stderr]).toEqual([6, expect.stringMatching(/app\.key" had an access control list/)]);
    expect([readFileSync(key, 'utf8'), rightsOf(key)[2]]).toEqual([before, '600']);
  });

  it.each([
    ['no ls', ''],
    ['an ls that fails', '#!/bin/sh\nexit 1'],
    ['an ls that waits', '#!/bin/sh\nexec sleep 60'],
  ])('is replaced all the same, without a word of its list, where there is %s', async (_what, ls) => {
    giveList(key);
    const bin = `${place.root}/bin`;
    mkdirSync(bin);
    if (ls !== '') writeFileSync(`${bin}/ls`, ls, { mode: 0o755 });
    symlinkSync('/bin/sleep', `${bin}/sleep`);
    const argv = [process.execPath, PROGRAM, 'rotate', 'app', '--now', '--output', key, '--force'];
    const { exitCode, stderr } = await runIn(place, ['/usr/bin/env', `PATH=${bin}`, ...argv]);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringMatching(/access control/)]);
  });

  it('is told what it replaces only where it replaced something', async () => {
    mkdirSync(`${dirname(key)}/new`, { mode: 0o700 });
    const { stderr } = await credctl(
      'rotate',
      'app',
      '--now',
      '--output',
      `${dirname(key)}/new/key`,
      '--force',
    );
    expect(stderr).not.toMatch(/readable by every user|another name/);
  });
});
