import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../support/build/checker.js';
import { exampleOf, fencesOf } from '../../support/build/page.js';
import { verdictOn } from '../../support/dependencies/presented.js';
import { openSession, type Session } from '../../support/program/run.js';

const DOCUMENT = 'docs/nightly.md';
const UNITS = fencesOf(DOCUMENT).filter(({ language }) => language === 'ini');
const SERVICE = exampleOf(DOCUMENT, '/etc/systemd/system/credctl-rotate.service');
const hasSystemd = isInstalled('systemd-analyze', 'systemd');

/** A system on which the units are installed: its root directory. */
function installed(session: Session, change: (text: string) => string = (text) => text): string {
  const root = session.workspace.path('root');
  const put = (path: string, text: string, mode: number): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  cpSync('/lib/systemd/system', join(root, 'lib/systemd/system'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const program of ['/usr/local/bin/credctl', '/usr/bin/systemctl']) put(program, '#!/bin/sh\n', 0o755);
  put('/etc/systemd/system/crm-sync.service', '[Service]\nExecStart=/usr/local/bin/credctl\n', 0o644);
  for (const { title, text } of UNITS) put(title, change(text), 0o644);
  return root;
}

const VERIFY =
  'systemd-analyze verify --man=no --root=root credctl-rotate.service credctl-rotate.timer crm-sync.service';

/** The values of a setting in a unit, in their order. */
function valuesOf(unit: string, setting: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${setting}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

describe('the units', () => {
  it.skipIf(!hasSystemd)('are in order for systemd, which is quick to complain', async () => {
    const session = await openSession();
    installed(session);
    expect(await session.sh(VERIFY)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const worse = await openSession();
    installed(worse, (text) => text.replace('LimitCORE', 'LimitCores'));
    expect((await worse.sh(VERIFY)).stderr).toContain("Unknown key 'LimitCores'");
  });

  it.skipIf(!hasSystemd)('leave the run next to nothing that it could harm', async () => {
    const session = await openSession();
    installed(session);
    const { exitCode, stdout } = await session.sh(
      'systemd-analyze security --no-pager --offline=true --threshold=10 --root=root credctl-rotate.service',
    );
    expect(exitCode, stdout.split('\n').at(-2)).toBe(0);
  });

  it.skipIf(!hasSystemd)('come round every night', async () => {
    const session = await openSession();
    const [when = ''] = valuesOf(
      exampleOf(DOCUMENT, '/etc/systemd/system/credctl-rotate.timer'),
      'OnCalendar',
    );
    const { exitCode, stdout } = await session.sh(`systemd-analyze calendar --iterations=2 '${when}'`);
    expect(exitCode).toBe(0);
    expect(stdout.match(/03:17:00/g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('keep secrets out of core dumps, wait for the clock, and give the command in hand its time', () => {
    const services = UNITS.filter(({ text }) => /^(ExecStart|LoadCredential)=/m.test(text));
    expect(services).toHaveLength(2);
    for (const { title, text } of services) expect(valuesOf(text, 'LimitCORE'), title).toEqual(['0']);
    // A grace must not be counted from a clock that has not been set.
    for (const order of ['Wants', 'After']) expect(valuesOf(SERVICE, order)).toEqual(['time-sync.target']);
    expect(valuesOf(SERVICE, 'KillMode')).toEqual(['mixed']);
    expect(valuesOf(SERVICE, 'TimeoutStopSec')).toEqual(['6min']);
    // Node.js compiles code while it runs, and the boot identifier is outside of pid's part of /proc.
    expect(SERVICE).not.toMatch(/^(MemoryDenyWriteExecute|ProcSubset)=/m);
  });
});

describe('what the service starts', () => {
  it('rotates what is due into the directory from which the other unit loads', async () => {
    const session = await openSession();
    const state = session.workspace.path('var/lib');
    const specified = (text: string): string => text.replaceAll('%S', state);
    const directories = valuesOf(SERVICE, 'StateDirectory')[0]?.split(' ') ?? [];
    for (const directory of directories) mkdirSync(join(state, directory), { recursive: true, mode: 0o700 });
    const env = Object.fromEntries(
      valuesOf(SERVICE, 'Environment').map((pair) => specified(pair).split('=', 2)),
    );
    const inService = (command: string) => session.sh(command, { env: { ...env, HOME: '/nonexistent' } });
    await inService('credctl create crm-sync --scope data:users --rotate-every 1d -q | cat > first');
    const [start = ''] = valuesOf(SERVICE, 'ExecStart');
    const command = specified(start).replace(/^\/usr\/local\/bin\//, '');
    expect(await inService(`umask ${valuesOf(SERVICE, 'UMask')[0]}; ${command}`)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '1 rotated, 0 failed, 0 skipped\n',
    });
    expect(readdirSync(join(state, 'credctl')).toSorted()).toEqual(['credctl.db', 'secrets']);
    const dropIn = exampleOf(DOCUMENT, '/etc/systemd/system/crm-sync.service.d/secret.conf');
    const [credential = ''] = valuesOf(dropIn, 'LoadCredential');
    const [name, path = ''] = credential.split(':');
    expect(valuesOf(dropIn, 'Environment')).toEqual([`CRM_CLIENT_SECRET_FILE=%d/${name}`]);
    const file = path.replace('/var/lib', state);
    expect(statSync(file).mode & 0o7777).toBe(0o600);
    const { stdout: secret } = await session.sh(`cat '${file}'`);
    expect(secret).toMatch(/^cctl_sec_[0-9A-Za-z]{61}$/);
    const verified = await session.run(['verify'], { stdin: secret, env });
    expect(verified.exitCode).toBe(0);
    expect(await verdictOn(session, secret), 'in that store, not in the default one').not.toBe('valid');
  });
});
