import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { scanned, strangerSecret } from './scanned.js';

describe('scan --revoke', () => {
  it('stops what is found, says so, and finds nothing live again', async () => {
    const session = await openSession();
    await session.workspace.write('key', await session.issue('ci-bot'));
    const first = await scanned(session, ['--revoke', 'deactivate', '--yes']);
    expect(first).toMatchObject({ exitCode: 10, findings: [{ state: 'live' }] });
    expect(first.revoked).toMatchObject([{ name: 'ci-bot', ok: true, action: 'deactivated' }]);
    expect(await scanned(session, ['--revoke', 'deactivate', '--yes'])).toMatchObject({
      exitCode: 0,
      findings: [{ state: 'dead', reason: 'inactive' }],
      revoked: [],
    });
  });

  it('delivers new secrets to a command, to files', async () => {
    const session = await openSession();
    await session.workspace.write('key', await session.issue('ci-bot'));
    const { exitCode, stderr } = await session.run([
      ...['scan', 'key', '--revoke', 'rotate-now', '--yes', '--reason', 'mail of 3 May'],
      ...['--', 'sh', '-c', 'cat > new'],
    ]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 10,
      stderr: expect.stringContaining('rotated ci-bot'),
    });
    expect(await session.run(['verify'], { stdin: await session.workspace.read('new') })).toMatchObject({
      exitCode: 0,
    });
    expect(await session.run(['verify'], { stdin: await session.workspace.read('key') })).toMatchObject({
      exitCode: 4,
    });
    const audit = JSON.parse(await session.ok('audit', '--json', '--limit', '1'));
    expect(audit.events[0].reason).toBe('mail of 3 May; leaked in key:1:1');
    await session.run(['scan', 'new', '--revoke', 'rotate-now', '--yes', '--output-dir', '.']);
    expect(await session.run(['verify'], { stdin: await session.workspace.read('ci-bot') })).toMatchObject({
      exitCode: 0,
    });
  });

  it.each([
    [['--revoke', 'rotate-now', '--yes'], '--revoke rotate-now needs a destination for the secrets'],
    [['--revoke', 'deactivate'], 'stopping secrets needs a confirmation, and there is no terminal to ask on'],
    [['--revoke', 'deactivate', '--yes', '--offline'], '--offline and --revoke cannot be used together'],
    [['--revoke', 'deactivate', '--yes', '--', 'cat'], 'a COMMAND after -- needs --revoke rotate-now'],
    [['--keychain'], '--keychain and --output-dir need --revoke rotate-now'],
    [['--history', '--staged'], '--history and --staged cannot be used together'],
    [['--stdin', 'path'], '--stdin takes no paths'],
    [['--json', '--format', 'text'], '--json and --format text cannot be used together'],
  ])('%s is refused before anything is read', async (flags, message) => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.workspace.write('key', secret);
    const { exitCode, stdout, stderr } = await session.run(['scan', ...flags]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(await session.run(['verify'], { stdin: secret })).toMatchObject({ exitCode: 0 });
  });

  it('tells what it found although nothing could be done', async () => {
    const session = await openSession();
    await session.workspace.write('key', await session.issue('ci-bot'));
    const flags = ['--revoke', 'rotate-now', '--yes', '--output-dir', 'gone', '--json'];
    const { exitCode, stdout, stderr } = await session.run(['scan', ...flags]);
    expect(exitCode).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [{ state: 'live' }], revoked: [] });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'undelivered' } });
  });
});

describe('a leak that a scan finds', () => {
  it('is listed once with its places, also after it was stopped, and closed with a reason', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.workspace.write('a', secret);
    await session.workspace.write('b', `x ${secret}`);
    for (const _ of [1, 2]) await scanned(session, []);
    const listed = JSON.parse(await session.ok('leaks', '--json'));
    expect(listed.leaks).toMatchObject([{ source: 'scan', places: ['a:1:1', 'b:1:3'] }]);
    await scanned(session, ['--revoke', 'deactivate', '--yes']);
    await session.ok('leaks', 'close', String(listed.leaks[0].id), '--reason', 'deactivated');
    expect(JSON.parse(await session.ok('leaks', '--json')).leaks).toEqual([]);
  });

  it('is recorded of what is live alone', async () => {
    const session = await openSession();
    await session.workspace.write('a', await session.issue('ci-bot'));
    await session.ok('deactivate', 'ci-bot');
    await session.workspace.write('b', strangerSecret(1));
    await scanned(session, []);
    expect(JSON.parse(await session.ok('leaks', '--json')).leaks).toEqual([]);
  });
});
