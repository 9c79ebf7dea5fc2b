import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../../support/dependencies/presented.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { expectSound, RESTORE, restoreDocument } from './restoring.js';

/** `a` is stopped by its owner `ops`; a backup knows both. */
async function stopped(): Promise<{ readonly session: Session; readonly secret: string }> {
  const session = await openSession();
  await session.ok('owner', 'create', 'ops', '--kind', 'service');
  await session.ok('owner', 'create', 'crew', '--kind', 'user');
  const secret = await session.issue('a', '--owner', 'ops');
  await session.ok('store', 'backup', 'b.db');
  await session.ok('owner', 'deactivate', 'ops');
  return { session, secret };
}

function tamper(session: Session, sql: string): void {
  const database = new Database(session.workspace.defaultStore);
  database.exec(`${sql}; update generation set value = value + 1`);
  database.close();
}

async function findings(session: Session): Promise<readonly string[]> {
  const { stdout } = await session.run(['store', 'check', '--json']);
  return JSON.parse(stdout).findings.map(({ message }: { message: string }) => message);
}

const AWAY = 'update credential set owner_id = null';

describe('owners that were written to past the program', () => {
  it.each([
    ['one removed', `${AWAY}; delete from owner where name = 'ops'`, []],
    ['one under another id', `${AWAY}; update owner set id = 'x' where name = 'ops'`, ['ops']],
    [
      'one planted in its place',
      `${AWAY}; update owner set id = 'x', status = 'active' where name = 'ops'; update credential set owner_id = 'x'`,
      ['ops'],
    ],
  ])('%s: it is back, and what it stopped stays so', async (_what, sql, planted) => {
    const { session, secret } = await stopped();
    tamper(session, sql);
    expect(await findings(session)).toEqual(
      expect.arrayContaining([
        'the owner "ops" is missing, but was never deleted according to the audit trail',
        expect.stringMatching(/^the owner of a is /),
      ]),
    );
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.not_believed).toEqual([
      ...planted.map((name) => ({ name, what: ['existence'] })),
      { name: 'ops', what: ['existence'] },
      {
        name: 'a',
        what:
          planted.length > 0 && sql.includes("owner_id = 'x'")
            ? expect.arrayContaining(['owner'])
            : ['owner'],
      },
    ]);
    expect(await verdictOn(session, secret)).toBe('owner_inactive');
    await expectSound(session);
  });

  it('get their own names and kinds back, also where two have exchanged them', async () => {
    const { session } = await stopped();
    tamper(
      session,
      `update owner set name = 'x', name_key = 'x' where name = 'ops';
        update owner set name = 'ops', name_key = 'ops', kind = 'service' where name = 'crew';
        update owner set name = 'crew', name_key = 'crew' where name = 'x'`,
    );
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.not_believed).toHaveLength(2);
    await expectSound(session);
    const shown = JSON.parse(await session.ok('owner', 'show', 'crew', '--json'));
    expect(shown.owner).toMatchObject({ kind: 'user', status: 'active' });
  });

  it('come back with client ids that were exchanged', async () => {
    const { session } = await stopped();
    for (const name of ['one', 'two']) {
      await session.ok('create', name, '--type', 'oauth2', '--scope', 'data:users', '-q');
    }
    await session.ok('store', 'backup', 'c.db');
    tamper(
      session,
      `create temp table old as select name, client_id from credential;
        update credential set client_id = null where name in ('one', 'two');
        update credential set client_id = (select client_id from old where old.name = 'two') where name = 'one';
        update credential set client_id = (select client_id from old where old.name = 'one') where name = 'two'`,
    );
    const restore = ['store', 'restore', 'c.db', '--force', '--yes'];
    const { restored } = await session.json(restoreDocument, ...restore);
    expect(restored.not_believed).toEqual([
      { name: 'one', what: ['client id'] },
      { name: 'two', what: ['client id'] },
    ]);
    await expectSound(session);
  });

  it('one that was planted is no owner for all that is done to it', async () => {
    const { session } = await stopped();
    tamper(
      session,
      "insert into owner select 'evil', 'evil', 'evil', kind, 'active', created_at, created_by, updated_at from owner where name = 'crew'",
    );
    await session.ok('edit', 'a', '--owner', 'evil');
    const told = expect.stringContaining('the owner evil, who has credentials, was never created');
    expect(await findings(session)).toEqual(expect.arrayContaining([told]));
    await session.ok('owner', 'deactivate', 'evil');
    await session.ok('owner', 'activate', 'evil');
    expect(await findings(session)).toEqual(expect.arrayContaining([told]));
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.not_believed).toEqual(expect.arrayContaining([{ name: 'evil', what: ['existence'] }]));
  });
});
