import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { gitIn, positions, scanned, strangerSecret } from './scanned.js';

describe('scan of files', () => {
  it('finds every encoding, and says where', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    const { workspace } = session;
    await mkdir(workspace.path('deep/er'), { recursive: true });
    await workspace.write('a.txt', `first\nkey: ${secret}\n`);
    await workspace.write('b.bin', Buffer.concat([Buffer.from([0, 1, 255, 10]), Buffer.from(secret)]));
    await workspace.write('deep/c.ps1', Buffer.from(`\ufeffa\r\nkey = ${secret}`, 'utf16le'));
    await workspace.write(
      'deep/er/d.yaml',
      `data:\n  key: ${Buffer.from(`x${secret}`).toString('base64')}\n`,
    );
    await workspace.write('e.url', `https://x/?k%3D${secret.replaceAll('_', '%5F')}&y=1`);
    await workspace.write('f.md', `größer 🔑 ${secret}`);
    const { exitCode, findings, places } = await scanned(session, []);
    expect(exitCode).toBe(10);
    expect(findings).toMatchObject([{ state: 'live', credential: { name: 'ci-bot' }, version: 1 }]);
    expect(new Set(positions(places))).toEqual(
      new Set(['a.txt:2:6', 'b.bin:2:1', 'deep/c.ps1:2:7', 'deep/er/d.yaml:2:10', 'e.url:1:16', 'f.md:1:11']),
    );
    expect(places.find(({ path }) => path === 'deep/er/d.yaml')?.encoding).toBe('base64');
  });

  it('shows handles alone, also of a file whose name is a secret', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.workspace.write(`${secret}.txt`, secret);
    for (const flags of [[], ['--json'], ['--offline'], ['--offline', '--json']]) {
      const { exitCode, stdout, stderr } = await session.run(['scan', ...flags]);
      expect(exitCode).toBe(10);
      expect(stdout + stderr).toContain(secret.slice(0, 21));
      expect(stdout + stderr).not.toContain(secret.slice(0, 22));
    }
  });

  it('leaves out what git ignores, and what is excluded', async () => {
    const session = await openSession();
    const { workspace } = session;
    const git = gitIn(workspace.directory, workspace.env);
    await git('init', '-q');
    await mkdir(workspace.path('dist'));
    await mkdir(workspace.path('sub/vendor'), { recursive: true });
    await workspace.write('.gitignore', 'dist/\n*.log\n');
    for (const [at, path] of ['dist/a', 'b.log', 'c', 'sub/vendor/d', 'sub/e.env'].entries()) {
      await workspace.write(path, strangerSecret(at));
    }
    await git('add', 'sub/e.env');
    const found = async (...flags: readonly string[]) =>
      (await scanned(session, ['--offline', ...flags])).places.map(({ path }) => path).toSorted();
    expect(await found()).toEqual(['c', 'sub/e.env', 'sub/vendor/d']);
    expect(await found('--no-ignore')).toEqual(['b.log', 'c', 'dist/a', 'sub/e.env', 'sub/vendor/d']);
    expect(await found('--exclude', 'vendor', '--exclude', '*.env')).toEqual(['c']);
    expect(await found('--exclude', 'sub/**')).toEqual(['c']);
    expect(await found('--no-ignore', '--exclude', 'dist/')).not.toContain('dist/a');
    expect(await found('sub')).toEqual(['sub/e.env', 'sub/vendor/d']);
    expect(await found('b.log', 'sub/e.env')).toEqual(['b.log', 'sub/e.env']);
  });

  it('passes over what is no file, follows no link, and ends in no loop', async () => {
    const session = await openSession();
    const { workspace } = session;
    await mkdir(workspace.path('d'));
    await workspace.write('d/real', strangerSecret(1));
    await symlink('..', workspace.path('d/up'));
    await symlink('/etc/passwd', workspace.path('out'));
    await symlink('loop', workspace.path('loop'));
    await session.sh('mkfifo pipe; ln -s d/real named');
    const { exitCode, places, passed_over, unreadable } = await scanned(session, ['--offline']);
    expect(exitCode).toBe(10);
    expect(positions(places)).toEqual(['d/real:1:1']);
    expect(unreadable).toEqual([]);
    expect(new Set(passed_over.map(({ path, what }) => `${path}: ${what}`))).toEqual(
      new Set([
        ...['d/up', 'loop', 'named', 'out'].map((path) => `${path}: a symbolic link`),
        'pipe: a named pipe',
      ]),
    );
    // What is named is followed.
    expect(positions((await scanned(session, ['--offline', 'named'])).places)).toEqual(['named:1:1']);
  });

  it('goes on after what cannot be read, exit 7; 10 where something was found', async () => {
    const session = await openSession();
    await session.workspace.write('clean', 'nothing');
    // Memory at address 0 cannot be read, by root either.
    const faulty = '/proc/self/mem';
    const { exitCode, stdout, stderr } = await session.run(['scan', '--offline', faulty, 'clean']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
    expect(stderr).toContain(`cannot read ${faulty}: `);
    expect(stderr).toContain('scanned 1 text, 7 bytes: no secret found; 1 could not be read');
    await session.workspace.write('leak', strangerSecret(1));
    const found = await scanned(session, ['--offline', faulty, 'leak']);
    expect(found).toMatchObject({ exitCode: 10, unreadable: [{ path: faulty }] });
  });

  it('refuses a path that is not there before anything is read', async () => {
    const session = await openSession();
    await session.workspace.write('leak', strangerSecret(1));
    const { message, stdout } = await session.refused(3, ['scan', '--offline', 'leak', 'gone']);
    expect({ message, stdout }).toEqual({ message: 'there is no file or directory "gone"', stdout: '' });
  });

  it('reads a secret at the end of a large file, in flat memory', async () => {
    const session = await openSession();
    await session.sh(`truncate -s 5G big; printf %s ${strangerSecret(1)} >> big`);
    const peak = 'while read -r k v u; do [ "$k" = VmHWM: ] && echo "$v"; done < /proc/$!/status';
    const { stdout } = await session.sh(
      `credctl scan --offline --json big > out & while kill -0 $! 2>/dev/null; do ${peak}; sleep 0.05; done; cat out`,
    );
    const lines = stdout.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      findings: [{ places: [{ path: 'big', line: 1 }] }],
    });
    const sizes = lines.slice(0, -1).map(Number);
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThan(150_000);
  });

  it('says the same in the same order with any number of threads', async () => {
    const session = await openSession();
    const { workspace } = session;
    await Promise.all(
      Array.from({ length: 1_000 }, (_, at) =>
        workspace.write(`${at}`, at % 10 === 0 ? strangerSecret(at) : 'nothing'),
      ),
    );
    const [one, three, usual] = await Promise.all(
      [['--jobs', '1'], ['--jobs', '3'], []].map((flags) => scanned(session, ['--offline', ...flags])),
    );
    expect(one).toMatchObject({ exitCode: 10, scanned: { items: 1_000 } });
    expect(one?.places).toHaveLength(100);
    expect(three).toEqual(one);
    expect(usual).toEqual(one);
    const { message } = await session.refused(2, ['scan', '--jobs', '0']);
    expect(message).toContain('--jobs');
  });

  it('takes names of any bytes', async () => {
    const session = await openSession();
    const { workspace } = session;
    const directory = Buffer.from(`${workspace.directory}/`);
    const names = [Buffer.from('a\nb'), Buffer.from([0x66, 0xff]), Buffer.from('ä "c" $d')];
    for (const [at, name] of names.entries()) {
      await writeFile(Buffer.concat([directory, name]), strangerSecret(at));
    }
    const all = ['a\nb', 'f\ufffd', 'ä "c" $d'];
    const paths = async () => (await scanned(session, ['--offline'])).places.map(({ path }) => path);
    expect(new Set(await paths())).toEqual(new Set(all));
    await gitIn(workspace.directory, workspace.env)('init', '-q');
    expect(new Set(await paths())).toEqual(new Set(all));
    const { stdout } = await session.run(['scan', '--offline']);
    expect(stdout).toContain('a\\nb:1:1');
  });

  it('needs a store unless it is told to ask none', async () => {
    const session = await openSession();
    const { hint } = await session.refused(8, ['scan']);
    expect(hint).toContain('--offline');
    expect(await session.run(['scan', '--offline'])).toMatchObject({ exitCode: 0, stdout: '' });
  });
});
