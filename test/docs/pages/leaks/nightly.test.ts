import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitIn } from '../../../cli/scan/scanned.js';
import { isInstalled } from '../../../support/build/checker.js';
import { exampleOf, fencesOf } from '../../../support/build/page.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { standIn } from '../../../support/program/stand-in.js';
import { PAGE, settings } from './repository.js';

const UNITS = fencesOf(PAGE).filter(({ language }) => language === 'ini');
const SERVICE = exampleOf(PAGE, '/etc/systemd/system/credctl-scan.service');
const hasSystemd = isInstalled('systemd-analyze', 'systemd');

/** A directory of two mirrors, as the page has them made; the repository behind one of them. */
async function mirrored(session: Session) {
  const { workspace } = session;
  const mirrors = workspace.path('state/credctl/mirrors');
  for (const directory of ['shop', 'crm', mirrors]) {
    mkdirSync(workspace.path(directory), { recursive: true });
  }
  for (const name of ['shop', 'crm']) {
    const git = gitIn(workspace.path(name), workspace.env);
    await git('init', '-q');
    await git('commit', '-q', '--allow-empty', '-m', 'one');
    await gitIn(mirrors, workspace.env)('clone', '-q', '--mirror', workspace.path(name));
  }
  return gitIn(workspace.path('shop'), workspace.env);
}

/** Runs what the service starts. */
async function night(session: Session) {
  const { workspace } = session;
  await workspace.write('scan-all.sh', exampleOf(PAGE, 'scan-all.sh'));
  await standIn(session, 'mail', 'echo "$*" >> mails; cat >> mails');
  const [, start = ''] = /^ExecStart=(.*)$/m.exec(SERVICE) ?? [];
  const command = start
    .replace('/usr/local/libexec/scan-all.sh', 'scan-all.sh')
    .replaceAll('%S', workspace.path('state'));
  const { exitCode } = await session.sh(`rm -f mails; ${command}`);
  const mails = await workspace.read('mails').catch(() => null);
  return { exitCode, mails };
}

describe('a night', () => {
  it('mails what is live in what was pushed since, until it is stopped', async () => {
    const session = await openSession();
    const secret = await session.issue('web-shop');
    const git = await mirrored(session);
    expect(await night(session)).toEqual({ exitCode: 0, mails: null });
    await session.workspace.write('shop/settings.yaml', settings(secret));
    await git('add', '-A');
    await git('commit', '-q', '-m', 'two');
    const { exitCode, mails } = await night(session);
    expect(exitCode).toBe(10);
    expect(mails).toMatch(/^-s Live keys in our repositories ops@example\.com\nlive: cctl_key_/);
    expect(mails).toContain('/shop.git/settings.yaml:2:6 since commit');
    expect(mails).not.toContain(secret);
    await session.ok('deactivate', 'web-shop');
    expect(await night(session)).toEqual({ exitCode: 0, mails: null });
  });

  it('says so where a repository could not be fetched, and scans all the same', async () => {
    const session = await openSession();
    await session.issue('web-shop');
    await mirrored(session);
    await session.sh('rm -r crm');
    const incomplete = '-s Not all repositories were scanned ops@example.com\nexit code 7\n';
    expect(await night(session)).toEqual({ exitCode: 7, mails: incomplete });
    const secret = await session.issue('crm');
    await session.workspace.write('shop/leak', secret);
    const git = gitIn(session.workspace.path('shop'), session.workspace.env);
    await git('add', '-A');
    await git('commit', '-q', '-m', 'two');
    expect((await night(session)).exitCode).toBe(10);
  });

  it('says so where there is nothing to scan', async () => {
    const session = await openSession();
    await session.issue('web-shop');
    const { exitCode, mails } = await night(session);
    expect([exitCode, mails?.split('\n')[1]]).toEqual([3, 'exit code 3']);
  });
});

describe('the units', () => {
  it.skipIf(!hasSystemd)('are in order for systemd', async () => {
    const session = await openSession();
    const root = session.workspace.path('root');
    cpSync('/lib/systemd/system', join(root, 'lib/systemd/system'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const files = [...UNITS, { title: '/bin/sh', text: '#!/bin/sh\n' }];
    for (const { title, text } of files) {
      mkdirSync(join(root, dirname(title)), { recursive: true });
      writeFileSync(join(root, title), text, { mode: title === '/bin/sh' ? 0o755 : 0o644 });
    }
    const verify = 'systemd-analyze verify --man=no --root=root credctl-scan.service credctl-scan.timer';
    expect(await session.sh(verify)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it.skipIf(!hasSystemd)('come round every night', async () => {
    const session = await openSession();
    const timer = exampleOf(PAGE, '/etc/systemd/system/credctl-scan.timer');
    const [, when = ''] = /^OnCalendar=(.*)$/m.exec(timer) ?? [];
    const { stdout } = await session.sh(`systemd-analyze calendar --iterations=2 '${when}'`);
    expect(stdout.match(/04:23:00/g)?.length).toBeGreaterThanOrEqual(2);
  });
});
