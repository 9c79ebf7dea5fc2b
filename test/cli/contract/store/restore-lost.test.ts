import { chmodSync, copyFileSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../../support/dependencies/presented.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { tamper } from './altered-backup.js';
import { expectSound, restoreDocument } from './restoring.js';

describe('store restore, where there is no store', () => {
  async function lost(): Promise<{ session: Session; secret: string }> {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    return { session, secret };
  }

  it('brings everything back inactive, and says what could not be known', async () => {
    const { session, secret } = await lost();
    rmSync(session.workspace.defaultStore);
    const { stderr } = await session.run(['store', 'restore', 'b.db']);
    expect(stderr).toContain(
      'credctl could not find out what was deleted, revoked or narrowed after the backup\n',
    );
    expect(stderr).toContain("therefore inactive; check each, then run 'credctl activate NAME': ci-bot\n");
    expect(await verdictOn(session, secret)).toBe('inactive');
    await session.ok('activate', 'ci-bot');
    expect(await verdictOn(session, secret)).toBe('valid');
    await expectSound(session);
  });

  it('leaves it active with --trust, and keeps the id at the place of the original', async () => {
    const { session, secret } = await lost();
    rmSync(session.workspace.defaultStore);
    const { restored } = await session.json(restoreDocument, 'store', 'restore', 'b.db', '--trust');
    expect(restored).toMatchObject({ new_id: false, kept_as: null, known_from: 'nothing', deactivated: [] });
    expect(await verdictOn(session, secret)).toBe('valid');
    const { mode } = statSync(session.workspace.defaultStore);
    expect((mode & 0o7777).toString(8)).toBe('600');
    await expectSound(session);
  });

  it('gives a copy at another place an id of its own', async () => {
    const { session } = await lost();
    const { restored } = await session.json(
      restoreDocument,
      'store',
      'restore',
      'b.db',
      '--store',
      'deep/down/copy.db',
    );
    expect(restored.new_id).toBe(true);
    expect(await session.ok('store', 'info', '--store', 'deep/down/copy.db')).toContain(restored.store_id);
    expect((await session.run(['store', 'check', '--store', 'deep/down/copy.db'])).exitCode).toBe(0);
  });

  it('leaves no access token alive, and never replays a log that was left behind', async () => {
    const { session, secret } = await lost();
    const store = session.workspace.defaultStore;
    tamper(
      session.workspace.defaultStore,
      `insert into access_token select 'tokenid', c.id, v.id, 'x', '["data:users"]', 1, 9999999999999
        from version v join credential c on c.key = v.credential_key`,
    );
    await session.ok('store', 'backup', 'tokens.db');
    // A log of another database, as a crash and a hasty 'rm' leave it.
    const writer = new Database(store);
    writer.pragma('wal_autocheckpoint = 0');
    writer.exec("update credential set status = 'inactive'");
    copyFileSync(`${store}-wal`, session.workspace.path('stray-wal'));
    writer.close();
    rmSync(store);
    copyFileSync(session.workspace.path('stray-wal'), `${store}-wal`);
    chmodSync(`${store}-wal`, 0o600);
    const { restored } = await session.json(restoreDocument, 'store', 'restore', 'tokens.db', '--trust');
    expect(restored.kept_as).toMatch(/\.replaced-.*-wal$/);
    const database = new Database(store, { readonly: true });
    expect(database.prepare('select count(*) as n from access_token').get()).toEqual({ n: 0 });
    database.close();
    expect(await verdictOn(session, secret)).toBe('valid');
  });
});
