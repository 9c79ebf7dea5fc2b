import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  describeWithKeyring,
  type UnlockedKeyring,
  unlockedKeyring,
} from '../../support/keychain/unlocked-keyring.js';
import { type KeptSession, openKept, shell } from './kept.js';

/** Prints its environment as one JSON document. */
const ENVIRONMENT = ['--', process.execPath, '-p', 'JSON.stringify(process.env)'];

/** Prints the processes that show the secret to others: by their arguments, and by their environment. */
const WHO_SHOWS_IT = `
const { readFileSync, readdirSync } = require('node:fs');
const shows = (pid, file) => {
  try {
    return readFileSync('/proc/' + pid + '/' + file, 'latin1').includes(process.env.CI_BOT_API_KEY);
  } catch {
    return false;
  }
};
const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
const having = (file) => pids.filter((pid) => shows(pid, file)).map(Number);
console.log(JSON.stringify({ own: process.pid, cmdline: having('cmdline'), environ: having('environ') }));
`;

describeWithKeyring('credctl run gives a program', () => {
  let keyring: UnlockedKeyring;

  beforeAll(async () => {
    keyring = await unlockedKeyring();
  });

  afterAll(() => keyring.stop());

  /** What the environment holds more than that of a program that is started directly. */
  async function added(session: KeptSession, ...names: readonly string[]): Promise<unknown> {
    const { stdout, exitCode, stderr } = await session.run(['run', ...names, ...ENVIRONMENT]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const direct = await session.sh(`exec '${process.execPath}' -p 'JSON.stringify(process.env)'`);
    const plain: Record<string, string> = JSON.parse(direct.stdout);
    // What the shells on the way set themselves.
    for (const name of ['_', 'PWD', 'OLDPWD', 'SHLVL']) plain[name] = JSON.parse(stdout)[name];
    const more = Object.entries(JSON.parse(stdout)).filter(([name, value]) => plain[name] !== value);
    expect(Object.keys(plain).filter((name) => !(name in JSON.parse(stdout)) && plain[name])).toEqual([]);
    return Object.fromEntries(more);
  }

  it('the secret of an API key, named as by --format env, and nothing else', async () => {
    const session = await openKept(keyring);
    const key = await session.keep('ci-bot');
    await session.keep('another');
    expect(await added(session, 'ci-bot')).toEqual({ CI_BOT_API_KEY: key });
  });

  it('no variable that is not valid UTF-8, which is said', async () => {
    const session = await openKept(keyring);
    await session.keep('ci-bot');
    const run = `CITY="$(printf 'Z\\374rich')" credctl run ci-bot -- sh -c 'echo "\${CITY-unset}"'`;
    const { exitCode, stdout, stderr } = await session.sh(run);
    expect([exitCode, stdout]).toEqual([0, 'unset\n']);
    expect(stderr).toBe('note: the command does not get the variable "CITY": not valid UTF-8\n');
  });

  it('the id and the secret of an OAuth client', async () => {
    const session = await openKept(keyring);
    const { id, secret } = await session.keepClient('team/crm.sync');
    const variables = { TEAM_CRM_SYNC_CLIENT_ID: id, TEAM_CRM_SYNC_CLIENT_SECRET: secret };
    expect(await added(session, 'team/crm.sync')).toEqual(variables);
    expect(await added(session, 'TEAM/CRM.sync'), 'case does not count').toEqual(variables);
    expect(await added(session, id), 'by its client id').toEqual(variables);
  });

  it('several secrets, in variables of one’s choice', async () => {
    const session = await openKept(keyring);
    const key = await session.keep('1st');
    const other = await session.keep('2nd');
    const { id, secret } = await session.keepClient('crm');
    expect(await added(session, '1st', '2nd=_key', 'crm=CRM2', '2nd=__proto__')).toEqual({
      _1ST_API_KEY: key,
      _key: other,
      ['__proto__']: other,
      CRM2_CLIENT_ID: id,
      CRM2_CLIENT_SECRET: secret,
    });
  });

  it('the newest secret after a rotation, also while another version is on its way elsewhere', async () => {
    const session = await openKept(keyring);
    await session.keep('ci-bot');
    const rotated = (await session.ok('rotate', 'ci-bot', '--keychain', '-q', '--grace', '0')).trimEnd();
    expect(await added(session, 'ci-bot')).toEqual({ CI_BOT_API_KEY: rotated });
    await session.refused(6, ['rotate', 'ci-bot', '--keychain', ...shell('exit 1')]);
    expect(await added(session, 'ci-bot'), 'one that failed').toEqual({ CI_BOT_API_KEY: rotated });
  });

  it('a variable in the place of one that was there', async () => {
    const session = await openKept(keyring);
    const key = await session.keep('ci-bot');
    const { stdout } = await session.run(['run', 'ci-bot=TOKEN', ...shell('echo "$TOKEN"')], {
      env: { TOKEN: 'stale' },
    });
    expect(stdout).toBe(`${key}\n`);
  });

  it('the secret in no argument list, and in no environment but its own', async () => {
    const session = await openKept(keyring);
    await session.keep('ci-bot');
    for (const mask of [[], ['--mask']]) {
      const run = ['run', 'ci-bot', ...mask, '--', process.execPath, '-e', WHO_SHOWS_IT];
      const { own, cmdline, environ } = JSON.parse(await session.ok(...run));
      expect(cmdline).toEqual([]);
      expect(environ).toEqual([own]);
    }
  });

  it('its arguments as they were given, its own name, and what stands on standard input', async () => {
    const session = await openKept(keyring);
    await session.keep('ci-bot');
    const words = ['a b', '', '$HOME', '--mask', '--help', "'", '--', 'é'];
    const print = ['run', 'ci-bot', ...shell('printf "<%s>" "$0" "$@"'), 'zero', ...words];
    expect(await session.ok(...print)).toBe(['zero', ...words].map((word) => `<${word}>`).join(''));
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    const { stdout } = await session.run(['run', 'ci-bot', '--', 'sha256sum'], { stdin: bytes });
    const direct = await session.sh('sha256sum', { stdin: bytes });
    expect(stdout).toBe(direct.stdout);
  });

  it('no file of the store, and nothing of the keychain', async () => {
    const session = await openKept(keyring);
    await session.keep('ci-bot');
    for (const mask of [[], ['--mask']]) {
      const open = await session.ok('run', 'ci-bot', ...mask, ...shell('ls -l /proc/self/fd'));
      const direct = await session.sh('ls -l /proc/self/fd');
      const descriptors = (text: string) =>
        text.split('\n').flatMap((line) => /(\d+) -> /.exec(line)?.[1] ?? []);
      expect(descriptors(open)).toEqual(descriptors(direct.stdout));
      expect(open).not.toContain('credctl.db');
    }
  });

  it('the umask and the working directory of the user', async () => {
    const session = await openKept(keyring);
    await session.keep('ci-bot');
    const { stdout } = await session.sh('umask 027; credctl run ci-bot -- sh -c "umask; pwd"');
    expect(stdout).toBe(`0027\n${session.workspace.directory}\n`);
  });

  it('core dumps of its own', async () => {
    const session = await openKept(keyring);
    await session.keep('ci-bot');
    const filter = ['cat', '/proc/self/coredump_filter'];
    const { stdout, exitCode } = await session.run(['run', 'ci-bot', '--', ...filter]);
    expect({ stdout, exitCode }).toEqual({
      stdout: (await session.sh(filter.join(' '))).stdout,
      exitCode: 0,
    });
  });
});
