import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../support/program/run.js';
import { gitIn, positions, scanned, strangerSecret } from './scanned.js';

/** A session in an empty repository. */
async function openRepository() {
  const session = await openSession();
  const { workspace } = session;
  const git = gitIn(workspace.directory, workspace.env);
  await git('init', '-q', '-b', 'main');
  const commit = async (
    message: string,
    files: Readonly<Record<string, string | Uint8Array | null>> = {},
  ) => {
    for (const [path, content] of Object.entries(files)) {
      if (content === null) await rm(workspace.path(path));
      else await workspace.write(path, content);
    }
    await git('add', '-A');
    await git('commit', '-q', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  return { session, git, commit };
}

const history = (session: Session, ...args: readonly string[]) =>
  scanned(session, ['--history', '--offline', ...args]);

describe('scan --history', () => {
  it('tells the oldest commit of each path, and whether HEAD still has it', async () => {
    const { session, commit } = await openRepository();
    const [gone, kept] = [strangerSecret(1), strangerSecret(2)];
    await commit('nothing', { readme: 'x' });
    const first = await commit('one', { 'a.txt': `\n${gone}`, 'b.txt': kept });
    await commit('two', { 'a.txt': `changed\n${gone}` });
    await commit('three', { 'a.txt': null, 'c.txt': kept });
    const { exitCode, findings } = await history(session);
    expect(exitCode).toBe(10);
    const byHandle = new Map(findings.map(({ handle, places }) => [handle, places]));
    expect(byHandle.get(gone.slice(0, 21))).toMatchObject([
      { path: 'a.txt', line: 2, column: 1, commit: first, at_head: false },
    ]);
    const places = byHandle.get(kept.slice(0, 21)) ?? [];
    expect(places.toSorted((a, b) => a.path.localeCompare(b.path))).toMatchObject([
      { path: 'b.txt', commit: first, at_head: true },
      { path: 'c.txt', at_head: true },
    ]);
  });

  it('looks into merges, messages, tags, the stash, other branches and what is no longer referred to', async () => {
    const { session, git, commit } = await openRepository();
    await commit('base', { base: 'x' });
    await git('checkout', '-q', '-b', 'side');
    await commit('side', { side: strangerSecret(1) });
    await git('checkout', '-q', 'main');
    await commit(`a message with ${strangerSecret(2)}`);
    await git('merge', '-q', '--no-ff', '--no-commit', 'side');
    await session.workspace.write('merged', strangerSecret(3));
    await git('add', '-A');
    await git('commit', '-q', '-m', 'merge');
    await git('tag', '-a', 'v1', '-m', strangerSecret(4));
    await session.workspace.write('base', Buffer.from(strangerSecret(5), 'utf16le'));
    await git('stash', '-q');
    await session.workspace.write('lost', strangerSecret(6));
    await git('add', 'lost');
    await git('reset', '-q', '--hard');
    await git('branch', '-q', '-D', 'side');
    const { findings } = await history(session);
    const numbers = findings.map(({ handle }) => Number(handle.slice(-1))).toSorted();
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
    const of = (number: number) => findings.find(({ handle }) => handle.endsWith(String(number)))?.places[0];
    expect(of(1)).toMatchObject({ path: 'side' });
    expect(of(2)).toMatchObject({ path: expect.stringMatching(/^commit [0-9a-f]{12}$/) });
    expect(of(3)).toMatchObject({ path: 'merged', at_head: true });
    expect(of(4)).toMatchObject({ path: expect.stringMatching(/^tag [0-9a-f]{12}$/) });
    expect(of(5)).toMatchObject({ path: 'base', encoding: 'utf-16' });
    expect(of(6)).toMatchObject({ path: expect.stringMatching(/^blob [0-9a-f]{12}$/), commit: null });
  });

  it('works in submodules, worktrees, bare and shallow clones, below the top, and with odd names', async () => {
    const { session, git, commit } = await openRepository();
    const { workspace } = session;
    const odd = 'a\nb "c"';
    await mkdir(workspace.path('deep'));
    await commit('one', { [odd]: strangerSecret(1), 'deep/x': strangerSecret(2) });
    await commit('two', { [odd]: 'clean' });
    const root = workspace.root;
    await git('clone', '-q', '--bare', '.', join(root, 'bare.git'));
    await git('clone', '-q', '--depth', '1', `file://${workspace.directory}`, join(root, 'shallow'));
    await git('worktree', 'add', '-q', join(root, 'tree'), '-b', 'other');
    await mkdir(join(root, 'super'));
    const outer = gitIn(join(root, 'super'), workspace.env);
    await outer('init', '-q');
    await outer('submodule', '--quiet', 'add', `file://${workspace.directory}`, 'mod');
    await outer('commit', '-q', '-m', 'one');
    const paths = async (...args: readonly string[]) =>
      (await history(session, ...args)).places.map(({ path }) => path);
    expect((await paths()).toSorted()).toEqual([odd, 'deep/x']);
    expect((await paths('deep')).length).toBe(2);
    expect((await paths(join(root, 'bare.git'))).toSorted()).toEqual(
      [`${root}/bare.git/${odd}`, `${root}/bare.git/deep/x`].toSorted(),
    );
    expect((await paths(join(root, 'tree'))).length).toBe(2);
    expect((await paths(join(root, 'super'))).toSorted()).toEqual(
      [`${root}/super/mod/${odd}`, `${root}/super/mod/deep/x`].toSorted(),
    );
    // A worktree and its repository are scanned once.
    expect((await history(session, '.', join(root, 'tree'))).places).toHaveLength(2);
    const shallow = await history(session, join(root, 'shallow'));
    expect(shallow.places.map(({ path }) => path)).toEqual([`${root}/shallow/deep/x`]);
    expect(shallow.notes.join()).toContain('shallow clone');
  });

  it('starts nothing that the repository configures', async () => {
    const { session, git, commit } = await openRepository();
    const { workspace } = session;
    const trap = workspace.path('trap.sh');
    await writeFile(trap, `#!/bin/sh\ntouch ${workspace.root}/sprung\ncat\n`);
    await chmod(trap, 0o755);
    await commit('one', { a: strangerSecret(1), '.gitattributes': '* diff=t filter=t\n' });
    await mkdir(join(workspace.directory, 'hooks'));
    for (const hook of ['pre-commit', 'post-index-change', 'fsmonitor-watchman', 'reference-transaction']) {
      await writeFile(workspace.path(`hooks/${hook}`), `#!/bin/sh\ntouch ${workspace.root}/sprung\n`);
      await chmod(workspace.path(`hooks/${hook}`), 0o755);
    }
    for (const [key, value] of Object.entries({
      'core.fsmonitor': trap,
      'core.hooksPath': workspace.path('hooks'),
      'core.pager': trap,
      'diff.external': trap,
      'diff.t.textconv': trap,
      'diff.t.command': trap,
      'filter.t.clean': trap,
      'filter.t.smudge': trap,
      'core.sshCommand': trap,
      'gpg.program': trap,
      'log.showSignature': 'true',
      'core.editor': trap,
      'credential.helper': trap,
      'uploadpack.packObjectsHook': trap,
      'alias.ls-files': `!${trap}`,
    })) {
      await git('config', key, value);
    }
    const env = {
      GIT_EXTERNAL_DIFF: trap,
      GIT_PAGER: trap,
      GIT_TRACE2_EVENT: join(workspace.root, 'sprung'),
    };
    for (const mode of [[], ['--history'], ['--staged']]) {
      const { exitCode } = await session.run(['scan', '--offline', ...mode], { env });
      expect(exitCode).toBe(mode[0] === '--staged' ? 0 : 10);
    }
    expect(await session.sh(`ls ${workspace.root}`)).not.toMatchObject({
      stdout: expect.stringContaining('sprung'),
    });
  });

  it('says what it could not read: no repository, no git, one of another user, a damaged one', async () => {
    const session = await openSession();
    const { workspace } = session;
    const { message } = await session.refused(3, ['scan', '--history', '--offline']);
    expect(message).toBe('"." is in no git repository');
    const git = gitIn(workspace.directory, workspace.env);
    await git('init', '-q');
    await workspace.write('a', strangerSecret(1));
    await git('add', '-A');
    await git('commit', '-q', '-m', 'one');
    const noGit = { PATH: join(workspace.root, 'bin') };
    expect((await session.refused(3, ['scan', '--history', '--offline'], { env: noGit })).message).toContain(
      'git',
    );
    const files = await session.run(['scan', '--offline'], { env: noGit });
    expect(files).toMatchObject({ exitCode: 10, stderr: expect.stringContaining('git was not found') });
    const [blob = ''] = (await git('rev-parse', 'HEAD:a')).split('\n');
    const object = workspace.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
    await rm(object);
    await workspace.write('b', 'x');
    await git('add', 'b');
    await writeFile(object, 'damaged');
    const damaged = await history(session);
    expect(damaged).toMatchObject({ exitCode: 7, findings: [] });
    expect(damaged.unreadable).toHaveLength(1);
  });

  it.skipIf(process.getuid?.() !== 0)('says so where git refuses a repository of another user', async () => {
    const { session, commit } = await openRepository();
    await commit('one', { a: strangerSecret(1) });
    await session.sh('chown -R 1234 .');
    const { exitCode, unreadable } = await history(session);
    expect(exitCode).toBe(7);
    expect(unreadable[0]?.reason).toContain('dubious ownership');
    const files = await scanned(session, ['--offline']);
    expect(positions(files.places)).toContain('a:1:1');
    expect(files.notes.join()).toContain('all of them are scanned');
  });
});

describe('scan --staged', () => {
  it('scans what is staged, not what lies in the worktree', async () => {
    const { session, git, commit } = await openRepository();
    await session.workspace.write('first', strangerSecret(1));
    await git('add', '-A');
    const staged = () => scanned(session, ['--staged', '--offline']);
    // Before the first commit.
    expect(positions((await staged()).places)).toEqual(['first:1:1']);
    await git('rm', '-q', '--cached', 'first');
    await commit('one', { first: 'clean', other: strangerSecret(2) });
    expect(await staged()).toMatchObject({ exitCode: 0, findings: [] });
    await session.workspace.write('first', `x\n${strangerSecret(1)}`);
    expect(await staged()).toMatchObject({ exitCode: 0, findings: [] });
    await git('add', 'first');
    await session.workspace.write('first', 'clean again');
    expect(positions((await staged()).places)).toEqual(['first:2:1']);
  });

  it('is a finding although the secret does not work any more, with a store', async () => {
    const { session, git } = await openRepository();
    const secret = await session.issue('ci-bot');
    await session.ok('deactivate', 'ci-bot');
    await session.workspace.write('a', secret);
    await git('add', 'a');
    expect(await scanned(session, ['--staged'])).toMatchObject({
      exitCode: 10,
      findings: [{ state: 'dead' }],
    });
    expect(await scanned(session, [])).toMatchObject({ exitCode: 0, findings: [{ state: 'dead' }] });
  });
});
