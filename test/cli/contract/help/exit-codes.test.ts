import { chmod, open, readFile, symlink, writeFile } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../../support/program/run.js';

const CREATE = ['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users'];

async function exitOf(session: Session, ...args: readonly string[]): Promise<number> {
  return (await session.run(args)).exitCode;
}

describe('the exit code tells what happened', () => {
  it('0: done', async () => {
    const session = await openSession();
    expect(await exitOf(session, ...CREATE)).toBe(0);
    expect(await exitOf(session, 'list')).toBe(0);
    expect((await session.sh('credctl rotate ci-bot -q | credctl verify')).exitCode).toBe(0);
  });

  it('2: an argument is missing, wrong or unknown', async () => {
    const session = await openSession();
    expect(await exitOf(session, 'create')).toBe(2);
    expect(await exitOf(session, 'create', 'ci-bot')).toBe(2);
    expect(await exitOf(session, 'create', 'ci-bot', '--scope', 'data:nonsense')).toBe(2);
  });

  it('3: no such credential, owner, API or file', async () => {
    const session = await openSession();
    expect(await exitOf(session, 'show', 'ci-bot')).toBe(3);
    expect(await exitOf(session, ...CREATE, '--owner', 'nobody')).toBe(3);
    expect(await exitOf(session, 'catalog', 'apply', '-f', 'nothing.yaml')).toBe(3);
  });

  it('4: a secret that is not good', async () => {
    const session = await openSession();
    expect((await session.run(['verify'], { stdin: 'nonsense' })).exitCode).toBe(4);
  });

  it('4: a store that others could read, with the command that fixes it', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    await chmod(session.workspace.defaultStore, 0o644);
    const { message, hint } = await session.refused(4, ['list']);
    expect(message).toContain(session.workspace.defaultStore);
    expect((await session.sh(hint?.replace(/^run: /, '') ?? 'false')).exitCode).toBe(0);
    expect(await exitOf(session, 'list')).toBe(0);
  });

  it('5: the name is taken, whatever its case', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    expect(await exitOf(session, ...CREATE)).toBe(5);
    expect(await exitOf(session, 'create', 'CI-Bot', '--scope', 'data:users')).toBe(5);
  });

  it('5: no more versions may work at once, and there is no rotation to end or take back', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    expect(await exitOf(session, 'rotate', 'ci-bot', '--finish')).toBe(5);
    expect(await exitOf(session, 'rotate', 'ci-bot', '--abort')).toBe(5);
    expect(await exitOf(session, 'rotate', 'ci-bot', '--resume')).toBe(5);
    for (let n = 0; n < 4; n += 1) await session.ok('rotate', 'ci-bot');
    expect(await exitOf(session, 'rotate', 'ci-bot')).toBe(5);
    expect(await exitOf(session, 'rotate', 'ci-bot', '--now')).toBe(0);
  });

  it('5: a catalog entry is in use, a revision has passed, a store exists', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    expect(await exitOf(session, 'catalog', 'use', 'empty', '--yes')).toBe(5);
    await session.ok('edit', 'ci-bot', '--label', 'a=1');
    expect(await exitOf(session, 'edit', 'ci-bot', '--label', 'a=2', '--if-revision', '1')).toBe(5);
    expect(await exitOf(session, 'store', 'init')).toBe(5);
  });

  it('5: an expired credential is extended before it is rotated', async () => {
    const session = await openSession();
    await session.ok(...CREATE, '--expires-in', '1s');
    await session.sh('sleep 1.1');
    const { hint } = await session.refused(5, ['rotate', 'ci-bot']);
    expect(hint).toContain('credctl edit ci-bot --expires-in');
  });

  it('6: the secret could not be delivered', async () => {
    const session = await openSession();
    const create = `credctl ${CREATE.join(' ')}`;
    expect((await session.sh(`${create} > /dev/full`)).exitCode).toBe(6);
    expect((await session.sh(`${create} > /dev/null`)).exitCode).toBe(6);
    expect((await session.sh(`${create} >&-`)).exitCode).toBe(6);
    expect(await exitOf(session, ...CREATE, '--output', 'no/such/directory')).toBe(6);
    expect(await session.ok('list')).not.toContain('ci-bot');
  });

  it('7: some of many were done', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    expect(await exitOf(session, 'deactivate', 'ci-bot', 'nobody')).toBe(7);
  });

  it('8: there is no such store, or it is something else', async () => {
    const session = await openSession();
    expect(await exitOf(session, '--store', 'nowhere.db', 'list')).toBe(8);
    expect(await exitOf(session, '--store', '.', 'list')).toBe(8);
    await writeFile(session.workspace.path('notes.txt'), 'not a store', { mode: 0o600 });
    expect(await exitOf(session, '--store', 'notes.txt', 'list')).toBe(8);
    expect(await exitOf(session, '--store', 'notes.txt', ...CREATE)).toBe(8);
    expect(await session.workspace.read('notes.txt')).toBe('not a store');
    await symlink('notes.txt', session.workspace.path('link.db'));
    expect(await exitOf(session, '--store', 'link.db', 'list')).toBe(8);
    await session.workspace.write('file', '');
    expect(await exitOf(session, '--store', 'file/x.db', ...CREATE)).toBe(8);
  });

  it('8: a store cannot be made where the system makes no directories', async () => {
    const session = await openSession();
    const { exitCode } = await session.sh(
      `timeout -s KILL 10 credctl --store /proc/nowhere/x.db ${CREATE.join(' ')}`,
    );
    expect(exitCode).toBe(8);
  });

  it('9: the store is damaged', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    const file = await open(session.workspace.defaultStore, 'r+');
    await file.write(Buffer.alloc(16, 0xff), 0, 16, 0);
    await file.close();
    const damaged = await readFile(session.workspace.defaultStore);
    expect(await exitOf(session, 'list')).toBe(9);
    expect(await exitOf(session, 'create', 'other', '--scope', 'data:users')).toBe(9);
    expect(damaged.equals(await readFile(session.workspace.defaultStore)), 'left untouched').toBe(true);
  });

  it('9: the audit trail was altered, told by audit verify and by store check', async () => {
    const session = await openSession();
    await session.ok(...CREATE);
    const database = new Database(session.workspace.defaultStore);
    database.prepare("update audit_event set actor = 'somebody@else' where seq = 2").run();
    database.close();
    const { message } = await session.refused(9, ['audit', 'verify']);
    expect(message).toContain('event 2');
    expect(await exitOf(session, 'store', 'check')).toBe(9);
    expect(await exitOf(session, 'list')).toBe(0);
  });

  it('143: terminated', async () => {
    const session = await openSession();
    const { exitCode } = await session.sh(
      'mkfifo pipe; credctl verify < pipe & exec 3> pipe; kill -TERM $!; wait $!',
    );
    expect(exitCode).toBe(143);
  });
});
