import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { scanHookCommand } from '../../../src/cli/commands/scan/hook.js';
import { preCommitHook } from '../../../src/domain/scan/hook.js';
import { isInstalled } from '../../support/build/checker.js';
import { openSession } from '../../support/program/run.js';
import { printed } from './printed.js';

const HOOK = preCommitHook('acme');
const LINE = 'credctl scan --staged --offline --prefix acme';

let [directory, repository] = ['', ''];
let env: Readonly<Record<string, string | undefined>> = {};

function git(where: string, ...args: readonly string[]): string {
  const settings = [
    'user.name=t',
    'user.email=t@example.com',
    'commit.gpgsign=false',
    'protocol.file.allow=always',
  ];
  const flags = settings.flatMap((setting) => ['-c', setting]);
  return execFileSync('git', [...flags, ...args], {
    cwd: where,
    encoding: 'utf8',
    env,
    stdio: 'pipe',
  }).trim();
}

const install = (where: string, ...args: readonly string[]) =>
  printed(scanHookCommand, ['--install', '--prefix', 'acme', ...args], env, where);

beforeEach(async () => {
  const { workspace } = await openSession();
  directory = realpathSync(workspace.directory);
  repository = join(directory, 'repository');
  env = { ...workspace.env, PATH: process.env['PATH'], HOME: directory };
  git(directory, 'init', '-q', repository);
  writeFileSync(join(repository, 'README'), 'x');
  git(repository, 'add', '.');
  git(repository, 'commit', '-q', '-m', 'one');
});

/** A credctl that writes down how it was called. */
function standIn(status: number): string {
  const bin = join(directory, `bin-${status}`);
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'credctl'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> ${directory}/called\nexit ${status}\n`,
  );
  chmodSync(join(bin, 'credctl'), 0o755);
  return bin;
}

/** Commits with a path of one's own. */
function commit(where: string, path: string) {
  writeFileSync(join(where, 'README'), `${Math.random()}`);
  return spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@e.com', 'commit', '-qam', 'two'], {
    cwd: where,
    encoding: 'utf8',
    env: { ...env, PATH: path },
  });
}

describe('scan hook', () => {
  it('prints the hook, and as a document', async () => {
    expect((await printed(scanHookCommand, ['--prefix', 'acme'], env)).out).toBe(HOOK);
    const { out } = await printed(scanHookCommand, ['--prefix', 'acme', '--json'], env);
    expect(JSON.parse(out)).toEqual({ schema_version: 1, prefix: 'acme', hook: HOOK });
  });

  it('is in order for a POSIX shell', () => {
    execFileSync('sh', ['-n'], { input: HOOK });
  });

  it.skipIf(!isInstalled('shellcheck', 'shellcheck'))('is in order for shellcheck', () => {
    expect(execFileSync('shellcheck', ['-'], { input: HOOK, encoding: 'utf8' })).toBe('');
  });
});

describe('scan hook --install', () => {
  it('writes an executable hook, once', async () => {
    const path = join(repository, '.git/hooks/pre-commit');
    const first = await install(repository);
    expect(first.err).toBe(`wrote "${path}"; 'git commit --no-verify' commits once without it\n`);
    expect(readFileSync(path, 'utf8')).toBe(HOOK);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect((await install(repository)).err).toBe(`"${path}" is this hook already\n`);
    const { out } = await install(repository, '--json');
    expect(JSON.parse(out)).toMatchObject({ prefix: 'acme', path, installed: false });
  });

  it('lets git run the scan before a commit, whose status decides', async () => {
    await install(repository);
    const system = '/usr/bin:/bin';
    expect(commit(repository, `${standIn(0)}:${system}`).status).toBe(0);
    const stopped = commit(repository, `${standIn(10)}:${system}`);
    expect(stopped.status).not.toBe(0);
    expect(stopped.stderr).toContain('pre-commit: nothing is committed; to commit once without the scan');
    expect(readFileSync(join(directory, 'called'), 'utf8')).toBe(`${LINE.slice(8)}\n${LINE.slice(8)}\n`);
    expect(git(repository, 'rev-list', '--count', 'HEAD')).toBe('2');
  });

  it('stops a commit where there is no credctl, and says how to go on', async () => {
    await install(repository);
    const bin = join(directory, 'only-git');
    mkdirSync(bin);
    for (const name of ['git', 'sh']) {
      symlinkSync(
        execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
        join(bin, name),
      );
    }
    const { status, stderr } = commit(repository, bin);
    expect(status).not.toBe(0);
    expect(stderr).toContain('credctl was not found, so nothing was scanned and nothing is committed');
    expect(stderr).toContain('git commit --no-verify');
  });

  it('never replaces another hook, be it a file, an empty one, a link or a directory', async () => {
    const path = join(repository, '.git/hooks/pre-commit');
    mkdirSync(join(path, '..'), { recursive: true });
    const others: readonly (() => void)[] = [
      () => writeFileSync(path, '#!/bin/sh\necho mine\n'),
      () => writeFileSync(path, ''),
      () => symlinkSync('nowhere', path),
      () => symlinkSync('../../README', path),
      () => mkdirSync(path),
    ];
    for (const make of others) {
      execFileSync('rm', ['-rf', path]);
      make();
      const { fault } = await install(repository);
      expect([fault?.code, fault?.message]).toEqual(['conflict', `there is another hook at "${path}"`]);
      expect(fault?.hint).toBe(`to run both, add this line to it: ${LINE} || exit 1`);
    }
    expect(readFileSync(join(repository, 'README'), 'utf8')).toBe('x');
    expect(existsSync(join(repository, '.git/hooks/nowhere'))).toBe(false);
  });

  it('leaves nothing behind where it cannot write', async () => {
    const hooks = join(repository, '.git/hooks');
    execFileSync('rm', ['-rf', hooks]);
    writeFileSync(hooks, 'a file');
    const { fault } = await install(repository);
    expect(fault?.code).toBe('store_unavailable');
    expect(fault?.message).toMatch(/^cannot write the hook .* \((?:EEXIST|ENOTDIR)\)$/);
  });

  it('goes where core.hooksPath leads, also from a directory below', async () => {
    const below = join(repository, 'src/deep');
    mkdirSync(below, { recursive: true });
    git(repository, 'config', 'core.hooksPath', '.githooks');
    expect((await install(below)).fault).toBeNull();
    expect(readdirSync(join(repository, '.githooks'))).toEqual(['pre-commit']);
    expect(commit(repository, `${standIn(10)}:/usr/bin:/bin`).status).not.toBe(0);
    git(repository, 'config', 'core.hooksPath', '~/hooks of mine');
    expect((await install(below)).fault).toBeNull();
    expect(readdirSync(join(directory, 'hooks of mine'))).toEqual(['pre-commit']);
  });

  it('works in a worktree and in a submodule', async () => {
    const worktree = join(directory, 'worktree');
    git(repository, 'worktree', 'add', '-q', worktree);
    expect((await install(worktree)).fault).toBeNull();
    const [ten, system] = [standIn(10), '/usr/bin:/bin'];
    expect(commit(worktree, `${ten}:${system}`).status).not.toBe(0);
    const parent = join(directory, 'parent');
    git(directory, 'init', '-q', parent);
    git(parent, 'submodule', '--quiet', 'add', repository, 'sub');
    const submodule = join(parent, 'sub');
    expect((await install(submodule)).fault).toBeNull();
    expect(existsSync(join(parent, '.git/modules/sub/hooks/pre-commit'))).toBe(true);
    expect(commit(submodule, `${ten}:${system}`).status).not.toBe(0);
  });

  it('is refused outside a repository, in a bare one, and without git', async () => {
    const elsewhere = join(directory, 'elsewhere');
    mkdirSync(elsewhere);
    const outside = (await install(elsewhere)).fault;
    expect(outside?.code).toBe('not_found');
    expect(outside?.message).toMatch(/^git knows of no repository here/);
    git(directory, 'init', '-q', '--bare', 'bare.git');
    const bare = (await install(join(directory, 'bare.git'))).fault;
    expect([bare?.code, bare?.message]).toEqual([
      'not_found',
      'this repository has no worktree, in which a commit could be made',
    ]);
    env = { ...env, PATH: elsewhere };
    expect((await install(repository)).fault?.message).toBe('git was not found');
  });
});
