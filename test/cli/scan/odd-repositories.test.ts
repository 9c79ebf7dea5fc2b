import { readFileSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { gitIn, positions, scanned, strangerSecret } from './scanned.js';

/** A session in a repository with one commit of these files. */
async function openRepository(files: Readonly<Record<string, string>> = {}) {
  const session = await openSession();
  const { workspace } = session;
  const git = gitIn(workspace.directory, workspace.env);
  await git('init', '-q', '-b', 'main');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(workspace.path(path), '..'), { recursive: true });
    await workspace.write(path, content);
  }
  await git('add', '-A');
  await git('commit', '-q', '--allow-empty', '-m', 'one');
  return { session, workspace, git };
}

describe('scan of a repository', () => {
  it('with submodules that are not checked out scans the rest, and what lies in their place', async () => {
    const { session, workspace, git } = await openRepository({ inner: 'x' });
    const outer = join(workspace.root, 'outer');
    await mkdir(outer);
    const own = gitIn(outer, workspace.env);
    await own('init', '-q');
    await own('submodule', '--quiet', 'add', `file://${workspace.directory}`, 'sub');
    await writeFile(join(outer, 'aaa'), strangerSecret(1));
    await own('add', '-A');
    await own('commit', '-q', '-m', 'one');
    await git('clone', '-q', `file://${outer}`, join(workspace.root, 'clone'));
    const clone = join(workspace.root, 'clone');
    await writeFile(join(clone, 'sub', 'dropped'), strangerSecret(2));
    const { exitCode, places } = await scanned(session, ['--offline', clone]);
    expect({ exitCode, places: positions(places).toSorted() }).toEqual({
      exitCode: 10,
      places: [`${clone}/aaa:1:1`, `${clone}/sub/dropped:1:1`],
    });
    await rm(join(clone, 'sub'), { recursive: true });
    const history = await scanned(session, ['--history', '--offline', clone]);
    expect(history).toMatchObject({ exitCode: 10, unreadable: [] });
    expect(history.notes.join()).toContain(`the submodule "${clone}/sub" is not checked out`);
  });

  it('follows no link that has taken the place of a tracked directory, nor a loop', async () => {
    const { session, workspace } = await openRepository({ 'a/b': 'x', 'c/d': 'x', z: strangerSecret(1) });
    const out = join(workspace.root, 'out');
    await mkdir(out);
    await writeFile(join(out, 'b'), strangerSecret(2));
    for (const directory of ['a', 'c']) await rename(workspace.path(directory), join(out, directory));
    await symlink('../out', workspace.path('a'));
    await symlink('c', workspace.path('c'));
    const { exitCode, places, unreadable } = await scanned(session, ['--offline']);
    expect({ exitCode, places: positions(places), unreadable }).toEqual({
      exitCode: 10,
      places: ['z:1:1'],
      unreadable: [],
    });
    const { message } = await session.refused(3, ['scan', '--offline', 'c']);
    expect(message).toBe('cannot look at "c": a symbolic link, or a loop of them');
  });

  it('answers for what was named, whatever the environment says of another repository', async () => {
    const { session, workspace } = await openRepository({ o: strangerSecret(1) });
    const other = join(workspace.root, 'other');
    await mkdir(other);
    await gitIn(other, workspace.env)('init', '-q');
    const env = { GIT_DIR: join(other, '.git'), GIT_WORK_TREE: other };
    for (const mode of [[], ['--history']]) {
      const { exitCode, stdout } = await session.run(['scan', '--offline', ...mode], { env });
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 10,
        stdout: expect.stringContaining('  o:1:1'),
      });
    }
  });
});

describe('scan --history', () => {
  it('goes on after a damaged object, and names it', async () => {
    const { session, workspace, git } = await openRepository({ leak: strangerSecret(1) });
    const noise = Array.from({ length: 60_000 }, (_, at) => (at * 7_919) % 997).join(' ');
    await workspace.write('large', noise);
    await git('add', '-A');
    await git('commit', '-q', '-m', `two ${strangerSecret(2)}`);
    const id = await git('rev-parse', 'HEAD:large');
    const object = workspace.path(`.git/objects/${id.slice(0, 2)}/${id.slice(2)}`);
    const bytes = readFileSync(object);
    const middle = bytes.length >> 1;
    bytes.fill(0xff, middle, middle + 64);
    await chmod(object, 0o644);
    await writeFile(object, bytes);
    const { exitCode, findings, unreadable } = await scanned(session, ['--history', '--offline']);
    expect({ exitCode, found: findings.length }).toEqual({ exitCode: 10, found: 2 });
    expect(unreadable.map(({ path }) => path)).toEqual([`object ${id.slice(0, 12)}`]);
  });

  it('notes that a partial clone does not hold everything', async () => {
    const { session, workspace, git } = await openRepository({ gone: strangerSecret(1) });
    await git('config', 'uploadpack.allowFilter', 'true');
    await git('rm', '-q', 'gone');
    await git('commit', '-q', '--allow-empty', '-m', 'two');
    const clone = join(workspace.root, 'partial');
    await git('clone', '-q', '--filter=blob:none', `file://${workspace.directory}`, clone);
    const { notes } = await scanned(session, ['--history', '--offline', clone]);
    expect(notes.join()).toContain('is a partial clone: what git has not fetched is not scanned');
  });

  it('says the same of places whatever is configured', async () => {
    const { session, workspace, git } = await openRepository({ 'sub/s p': strangerSecret(1), top: 'x' });
    await git('checkout', '-q', '-b', 'side');
    await git('commit', '-q', '--allow-empty', '-m', `side ${strangerSecret(2)}`);
    await git('checkout', '-q', 'main');
    await git('merge', '-q', '--no-ff', '--no-commit', 'side');
    await workspace.write('merged', strangerSecret(3));
    await git('add', '-A');
    await git('commit', '-q', '-m', 'merge');
    const before = await scanned(session, ['--history', '--offline']);
    expect(positions(before.places)).toEqual(
      expect.arrayContaining(['sub/s p:1:1', 'merged:1:1', expect.stringMatching(/^commit [0-9a-f]{12}:/)]),
    );
    expect(before.places.find(({ path }) => path.startsWith('commit '))?.at_head).toBeNull();
    expect(before.places.find(({ path }) => path === 'merged')?.at_head).toBe(true);
    for (const [key, value] of [
      ['diff.relative', 'true'],
      ['log.diffMerges', 'off'],
      ['diff.orderFile', '/nonexistent'],
    ] as const) {
      await git('config', key, value);
    }
    expect((await scanned(session, ['--history', '--offline'])).places).toEqual(before.places);
    const below = await session.sh('cd sub && credctl scan --history --offline --json');
    expect(JSON.parse(below.stdout).findings).toEqual(before.findings);
  });
});
