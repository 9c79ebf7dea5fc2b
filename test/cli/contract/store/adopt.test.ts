import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresSession } from '../../../support/postgres/session.js';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { openSession, type Session } from '../../../support/program/run.js';

async function copied(): Promise<{ session: Session; original: string; copy: readonly string[] }> {
  const session = await openSession();
  await session.issue('a');
  await session.sh('mkdir -m 0700 trial');
  const path = session.workspace.path('trial/copy.db');
  const original = session.workspace.defaultStore;
  await session.sh(`cp -p '${original}' '${path}'`);
  return { session, original, copy: ['--store', path] };
}

async function storeIn(session: Session, ...flags: readonly string[]) {
  return JSON.parse(await session.ok('store', 'info', '--json', ...flags)).store;
}

describe('store adopt', () => {
  it('gives a copy another id, changes nothing else, and answers with what the store is then', async () => {
    const { session, original, copy } = await copied();
    const before = await storeIn(session);
    const listed = await session.ok('show', 'a', '--json', ...copy);
    const { stdout, stderr } = await session.run(['store', 'adopt', '--json', ...copy]);
    expect(stderr).toBe('');
    const { schema_version: version, store } = JSON.parse(stdout);
    expect(version).toBe(1);
    expect(store).toEqual({ ...before, id: store.id, location: copy[1], size_bytes: store.size_bytes });
    expect(store.id).not.toBe(before.id);
    expect(await session.ok('show', 'a', '--json', ...copy)).toBe(listed);
    expect((await storeIn(session)).id).toBe(before.id);
    const [event] = JSON.parse(await session.ok('audit', '--limit', '1', '--json', ...copy)).events;
    expect(event).toMatchObject({
      action: 'store.adopt',
      target: { kind: 'store', id: store.id },
      details: { former_id: before.id, copy_of: original },
    });
    await session.ok('audit', 'verify', ...copy);
    await session.ok('store', 'check', ...copy);
  });

  it('is refused where there is nothing to adopt, and creates nothing', async () => {
    const { session, copy } = await copied();
    const once = ['store', 'adopt', ...copy];
    expect((await session.run(once)).exitCode).toBe(0);
    expect((await session.refused(5, once)).message).toContain('this store is not a copy');
    expect((await session.refused(5, ['store', 'adopt'])).message).toContain('this store is not a copy');
    const empty = await openSession();
    expect((await empty.run(['store', 'adopt'])).exitCode).toBe(5);
    expect(existsSync(empty.workspace.defaultStore)).toBe(false);
  });

  it('refuses a backup, which remains what can be restored', async () => {
    const session = await openSession();
    await session.issue('a');
    const backup = session.workspace.path('backup.db');
    await session.ok('store', 'backup', backup);
    const refusal = await session.refused(5, ['store', 'adopt', '--store', backup]);
    expect(refusal.message).toBe(`${backup} is a backup`);
    expect(refusal.hint).toBe(`restore the backup: credctl store restore ${backup} --store NEW`);
    await session.sh(`mv '${session.workspace.defaultStore}' gone.db`);
    const withoutOriginal = await session.refused(5, ['store', 'adopt', '--store', backup]);
    expect(withoutOriginal.message).toBe(`${backup} is a backup`);
    await session.ok('store', 'restore', backup, '--store', session.workspace.path('new.db'));
  });

  it('does the same for a database that was made from another one', async () => {
    const session = await openPostgresSession();
    await session.issue('a');
    await session.refused(5, ['store', 'adopt']);
    const clone = await POSTGRES_18.database(new URL(session.database.url).pathname.slice(1));
    onTestFinished(() => clone.drop());
    const copy = [
      '--store',
      Object.assign(new URL(session.publicUrl), { pathname: new URL(clone.url).pathname }).href,
    ];
    const env = { PGPASSWORD: session.password };
    const before = await session.run(['list', ...copy], { env });
    expect(before.stderr).toMatch(/note: this store is a copy of the database "t_\w+" and has the same id/);
    expect((await session.run(['keychain', 'list', ...copy], { env })).exitCode).toBe(5);
    const adopted = await session.run(['store', 'adopt', ...copy], { env });
    expect(adopted.stderr).toMatch(/this store is independent now, no longer a copy of the database "t_\w+"/);
    expect(await session.run(['list', ...copy], { env })).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await session.run(['list'])).stderr).toBe('');
    await session.ok('audit', 'verify');
  });
});

describe('every command on a copy', () => {
  it('says so on standard error, and goes on', async () => {
    const { session, copy } = await copied();
    for (const command of [
      ['list'],
      ['show', 'a'],
      ['audit'],
      ['store', 'info'],
      ['deactivate', 'a'],
      ['store', 'backup', 'b.db'],
    ]) {
      const { exitCode, stderr } = await session.run([...command, ...copy]);
      expect([command, exitCode]).toEqual([command, 0]);
      expect(stderr.match(/note: this store is a copy of/g), command.join(' ')).toHaveLength(1);
      expect((await session.run([...command, ...copy, '-q'])).stderr).not.toContain('copy of');
    }
  });

  it('says nothing of it of a backup, but what a change does to it', async () => {
    const { session } = await copied();
    const backup = session.workspace.path('backup.db');
    await session.ok('store', 'backup', backup);
    const onBackup = ['--store', backup];
    for (const look of [['list'], ['show', 'a'], ['audit'], ['store', 'info']])
      expect((await session.run([...look, ...onBackup])).stderr, look.join(' ')).toBe('');
    const keychain = await session.refused(5, ['keychain', 'list', ...onBackup]);
    expect(keychain.message).toContain('this is a backup of');
    expect((await session.run(['deactivate', 'a', ...onBackup])).stderr).toContain(
      'note: this is a backup; once changed, it cannot be restored',
    );
  });

  it('says nothing of it once the original is gone: it was moved, which the next change notes', async () => {
    const { session, original, copy } = await copied();
    await session.sh(`rm '${original}'`);
    expect((await session.run(['list', ...copy])).stderr).toBe('');
    expect((await session.run(['deactivate', 'a', ...copy])).stderr).toContain(
      `note: this store was moved here from ${original}`,
    );
    expect((await session.run(['activate', 'a', ...copy])).stderr).not.toContain('moved');
  });
});
