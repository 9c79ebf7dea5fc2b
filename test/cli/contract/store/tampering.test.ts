import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { composeSecret, parseSecret } from '../../../../src/domain/secret/secret-format.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { expectSound, RESTORE, restoreDocument } from './restoring.js';

interface Secrets {
  readonly revoked: string;
  readonly issued: string;
  /** Of the current version's id, and of a planted hash. */
  readonly forged: string;
}

/** A backup, and after it a store whose tables were written to past the program. */
async function tampered(session: Session): Promise<Secrets> {
  await session.ok('store', 'init', '--hash', 'sha256');
  const revoked = await session.issue('a', '--expires-in', '90d');
  const issued = (await session.ok('rotate', 'a', '--now', '-q')).trimEnd();
  await session.ok('store', 'backup', 'b.db');
  const forged = forge(issued);
  const database = new Database(session.workspace.defaultStore);
  const hash = `$sha256$${createHash('sha256')
    .update(parseSecret(forged)?.secret ?? '')
    .digest('hex')}`;
  database.prepare('update version_hash set hash = ? where number = 2').run(hash);
  database.exec(`update credential set scopes = '["data:*"]', expires_at = null;
    update credential_scope set scope = 'data:*';
    update version set revoked_at = null where number = 1;
    update generation set value = value + 1`);
  database.close();
  return { revoked, issued, forged };
}

function forge(secret: string): string {
  return composeSecret('cctl', 'key', parseSecret(secret)?.id ?? '', 'A'.repeat(43));
}

const verify = async (session: Session, stdin: string): Promise<number> =>
  (await session.run(['verify'], { stdin })).exitCode;

describe('a store that was written to past the program', () => {
  it('is found to differ from its trail in everything that was changed', async () => {
    const session = await openSession();
    const { forged, revoked } = await tampered(session);
    expect([await verify(session, forged), await verify(session, revoked)]).toEqual([0, 0]);
    expect((await session.run(['audit', 'verify'])).exitCode).toBe(0);
    const { exitCode, stdout } = await session.run(['store', 'check', '--json']);
    expect(exitCode).toBe(9);
    const messages: string[] = JSON.parse(stdout).findings.map((each: { message: string }) => each.message);
    expect(messages).toEqual([
      expect.stringMatching(/^the scopes of a are data:\*, but data:users according to the audit trail$/),
      expect.stringMatching(/^the expiry of a is none, but 2\d{3}-/),
      expect.stringMatching(/^the end of version 1 of a is none, but revoked at 2\d{3}-/),
      expect.stringMatching(/^the hash of version 2 of a is not the one that was issued/),
    ]);
  });

  it('is what its trail says once it was restored in place', async () => {
    const session = await openSession();
    const { forged, issued, revoked } = await tampered(session);
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored).toMatchObject({
      known_from: 'present-store',
      not_believed: [{ name: 'a', what: ['scopes', 'expiry', 'end of version 1', 'hash of version 2'] }],
      deactivated: [],
      without_secret: [],
    });
    await expectSound(session);
    expect(await verify(session, forged)).not.toBe(0);
    expect(await verify(session, revoked)).not.toBe(0);
    expect(await verify(session, issued)).toBe(0);
    const { credential } = JSON.parse(await session.ok('show', 'a', '--json'));
    expect([credential.scopes, credential.expires_at === null]).toEqual([['data:users'], false]);
  });

  it.each(['credential', 'owner'])(
    'has every %s found by its own name, and says where that is not so',
    async (kind) => {
      const session = await openSession();
      const group = kind === 'owner' ? ['owner'] : [];
      for (const name of ['leaked', 'other']) {
        if (kind === 'owner') await session.ok('owner', 'create', name, '--kind', 'service');
        else await session.issue(name);
      }
      await session.issue('unrelated');
      await session.ok('store', 'backup', 'b.db');
      const database = new Database(session.workspace.defaultStore);
      database.exec(`update ${kind} set name_key = 'x' where name = 'other';
      update ${kind} set name_key = 'other' where name = 'leaked'; update ${kind} set name_key = 'leaked' where name = 'other';
      update generation set value = value + 1`);
      database.close();
      const { exitCode, stdout } = await session.run(['store', 'check', '--json']);
      const messages: string[] = JSON.parse(stdout).findings.map((each: { message: string }) => each.message);
      expect([
        exitCode,
        messages.filter((text) => /is found under .*, not under its name/.test(text)),
      ]).toEqual([9, [expect.stringContaining('leaked'), expect.stringContaining('other')]]);
      const { restored } = await session.json(restoreDocument, ...RESTORE);
      expect(restored.not_believed).toEqual([
        { name: 'leaked', what: ['name'] },
        { name: 'other', what: ['name'] },
      ]);
      await expectSound(session);
      await session.ok(...group, 'deactivate', 'leaked');
      expect(JSON.parse(await session.ok(...group, 'show', 'leaked', '--json'))).toMatchObject({
        [kind]: { name: 'leaked', status: 'inactive' },
      });
    },
  );

  it('has no owner that works again, although it was deactivated', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'ops', '--kind', 'service');
    const secret = await session.issue('a', '--owner', 'ops');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('owner', 'deactivate', 'ops');
    const database = new Database(session.workspace.defaultStore);
    database.exec("update owner set status = 'active'; update generation set value = value + 1");
    database.close();
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.not_believed).toEqual([{ name: 'ops', what: ['status'] }]);
    await expectSound(session);
    expect(await verify(session, secret)).not.toBe(0);
  });

  it('has the grace again that a rotation asked for', async () => {
    const session = await openSession();
    await session.issue('a');
    await session.ok('rotate', 'a', '--now', '-q');
    await session.ok('store', 'backup', 'b.db');
    const database = new Database(session.workspace.defaultStore);
    database.exec('update version set supersede_grace_ms = 90000000 where number = 2');
    database.close();
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.not_believed).toEqual([{ name: 'a', what: ['grace of version 2'] }]);
    await expectSound(session);
  });

  it('ends a leaked secret with --resume once the grace is what was asked for', async () => {
    const session = await openSession();
    await session.ok('store', 'init', '--hash', 'sha256');
    const leaked = await session.issue('a');
    await session.ok('store', 'backup', 'b.db');
    // The rotation is cut off where its secret may have arrived.
    await session.run(['rotate', 'a', '--now', '--', 'sh', '-c', 'cat >/dev/null; kill -9 $PPID']);
    const database = new Database(session.workspace.defaultStore);
    database.exec('update version set supersede_grace_ms = 3000000000000 where number = 2');
    database.close();
    const check = await session.run(['store', 'check']);
    expect([check.exitCode, check.stdout]).toEqual([
      9,
      expect.stringContaining('the grace given by version 2 of a is'),
    ]);
    await session.json(restoreDocument, ...RESTORE);
    await session.ok('rotate', 'a', '--resume');
    expect(await verify(session, leaked)).not.toBe(0);
    await expectSound(session);
  });

  it('loses a version whose right hash no backup has', async () => {
    const session = await openSession();
    await session.ok('store', 'init', '--hash', 'sha256');
    await session.issue('a');
    await session.ok('store', 'backup', 'b.db');
    const later = (await session.ok('rotate', 'a', '-q')).trimEnd();
    const database = new Database(session.workspace.defaultStore);
    database.exec(`update version_hash set hash = '$sha256$${'0'.repeat(64)}' where number = 2`);
    database.close();
    const said = await session.run([...RESTORE]);
    expect(said.stderr).toContain('corrected: the audit trail contradicts the backup');
    expect(said.stderr).toContain('a (hash of version 2)');
    await expectSound(session);
    expect(await verify(session, later)).not.toBe(0);
    expect((await session.run(['rotate', 'a', '--grace', '0', '-q'])).exitCode).toBe(0);
    await expectSound(session);
  });

  it('comes back right from a backup of it as well, where there is nothing to compare with', async () => {
    const session = await openSession();
    const { forged, issued, revoked } = await tampered(session);
    await session.ok('store', 'backup', 'tampered.db');
    await session.sh(`rm "${session.workspace.defaultStore}"*`);
    const restore = ['store', 'restore', 'tampered.db', '--trust', '--yes'];
    const { restored } = await session.json(restoreDocument, ...restore);
    expect(restored).toMatchObject({ known_from: 'nothing', without_secret: ['a'] });
    expect(restored.not_believed).toHaveLength(1);
    await expectSound(session);
    for (const secret of [forged, issued, revoked]) expect(await verify(session, secret)).not.toBe(0);
  });
});
