import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { scanned, strangerSecret } from './scanned.js';

describe('no output of scan holds a secret', () => {
  it('that stands in the name of a file, in any encoding, or in a message of git', async () => {
    const session = await openSession();
    const { workspace } = session;
    const names = ['one', 'two', 'three'];
    const secrets = await Promise.all(names.map((name) => session.issue(name)));
    const [first = '', second = '', third = ''] = secrets;
    const encoded = [
      first.replaceAll('_', '%5F'),
      Buffer.from(second).toString('base64'),
      Buffer.from(third, 'latin1').toString('hex').replace(/../g, '%$&'),
    ];
    for (const [at, name] of encoded.entries()) await workspace.write(name, secrets[at] ?? '');
    const outputs: string[] = [];
    for (const flags of [[], ['--json'], ['--format', 'sarif'], ['--revoke', 'deactivate', '--yes']]) {
      const { exitCode, stdout, stderr } = await session.run(['scan', ...flags]);
      expect(exitCode).toBe(10);
      outputs.push(stdout, stderr);
    }
    outputs.push(await session.ok('leaks', '--json'), await session.ok('audit', '--json'));
    for (const name of [...encoded, ...secrets]) {
      expect(outputs.filter((output) => output.includes(name.slice(0, 40)))).toEqual([]);
      expect(outputs.filter((output) => output.includes(name.slice(-30)))).toEqual([]);
    }
  });

  it.skipIf(process.getuid?.() !== 0)('of a directory that is one and that git refuses', async () => {
    const session = await openSession();
    const secret = strangerSecret(1);
    await session.sh(`mkdir ${secret} && cd ${secret} && git init -q && chown -R 1234 .`);
    const { exitCode, stdout, stderr } = await session.run([
      'scan',
      '--history',
      secret,
      '--offline',
      '--json',
    ]);
    expect(exitCode).toBe(7);
    expect(stdout).toContain('dubious ownership');
    expect(stdout + stderr).not.toContain(secret.slice(0, 30));
  });
});

describe('scan', () => {
  it('stops what it was told to stop although its output cannot be written', async () => {
    const session = await openSession();
    await session.workspace.write('key', await session.issue('ci-bot'));
    const { exitCode } = await session.sh('credctl scan key --revoke deactivate --yes > /dev/full');
    expect(exitCode).toBe(8);
    const verified = await session.run(['verify'], { stdin: await session.workspace.read('key') });
    expect(verified.stdout).toContain('not valid: inactive');
  });

  it('does not pass over a pipe that is named', async () => {
    const session = await openSession();
    await session.sh('mkfifo pipe');
    const { exitCode, stderr } = await session.run(['scan', '--offline', 'pipe']);
    expect(exitCode).toBe(7);
    expect(stderr).toContain('cannot read pipe: it is a named pipe; give what it holds to --stdin');
    expect(existsSync(session.workspace.path('pipe'))).toBe(true);
  });

  it.each(['', '/'])('takes no pattern that fits nothing: %j', async (pattern) => {
    const session = await openSession();
    const { message } = await session.refused(2, ['scan', '--offline', '--exclude', pattern]);
    expect(message).toContain('fits nothing');
  });

  it('reads a report in UTF-16, as PowerShell 5 writes it', async () => {
    const session = await openSession();
    await session.workspace.write('found.txt', `\n${strangerSecret(1)}`);
    const report = JSON.stringify({
      version: '1.5.0',
      plugins_used: [],
      results: {
        'found.txt': [{ type: 'x', filename: 'found.txt', hashed_secret: 'a'.repeat(40), line_number: 2 }],
      },
    });
    await session.workspace.write('report', Buffer.from(`\ufeff${report}`, 'utf16le'));
    const { exitCode, stdout } = await session.sh('credctl scan --stdin --offline < report');
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 10,
      stdout: expect.stringContaining('found.txt:2:1'),
    });
  });

  it('finds base64 over lines of a comment, a quotation and literals', async () => {
    const session = await openSession();
    const lines = (number: number) =>
      Buffer.from(`key=${strangerSecret(number)}`)
        .toString('base64')
        .match(/.{1,40}/g) ?? [];
    await session.workspace.write(
      'a',
      lines(1)
        .map((line) => `# ${line}\n`)
        .join(''),
    );
    await session.workspace.write(
      'b',
      lines(2)
        .map((line) => `> ${line}\r\n`)
        .join(''),
    );
    await session.workspace.write(
      'c',
      lines(3)
        .map((line) => `"${line}"\n  `)
        .join(''),
    );
    expect((await scanned(session, ['--offline'])).findings).toHaveLength(3);
  });
});
