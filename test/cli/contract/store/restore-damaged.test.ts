import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../../support/dependencies/presented.js';
import { openSession, type Session } from '../../../support/program/run.js';
import { tamper } from './altered-backup.js';
import { expectSound, RESTORE, restoreDocument } from './restoring.js';

describe('store restore, over a damaged store', () => {
  async function damaged(sql: string): Promise<{ session: Session; secrets: Record<string, string> }> {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const secrets: Record<string, string> = {};
    for (const name of ['kept', 'deleted', 'rotated', 'stopped']) secrets[name] = await session.issue(name);
    secrets['owned'] = await session.issue('owned', '--owner', 'crm');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('delete', 'deleted', '--yes');
    await session.ok('rotate', 'rotated', '--now');
    await session.ok('deactivate', 'stopped');
    await session.ok('owner', 'deactivate', 'crm');
    tamper(session.workspace.defaultStore, sql);
    return { session, secrets };
  }

  it.each([
    ['an altered audit trail', "update audit_event set actor = 'mallory' where seq = 3", false],
    ['a tombstone lost, and a hash', 'delete from tombstone; delete from version_hash', true],
    ['a table lost', 'drop table credential_label', true],
  ])('%s: what can be read still takes away, even with --trust', async (_what, sql, hasTrail) => {
    const { session, secrets } = await damaged(sql);
    const { restored } = await session.json(restoreDocument, ...RESTORE, '--trust');
    expect(restored).toMatchObject({
      known_from: 'damaged-store',
      audit_continued: hasTrail,
      deactivated: [],
    });
    expect(restored.still_deleted).toEqual(['deleted']);
    expect(restored.without_secret).toEqual(['rotated']);
    const verdicts = [];
    for (const name of ['kept', 'deleted', 'rotated', 'stopped', 'owned']) {
      verdicts.push(await verdictOn(session, secrets[name] ?? ''));
    }
    expect(verdicts).toEqual(['valid', 'deleted', 'version_retired', 'inactive', 'owner_inactive']);
    expect(existsSync(restored.kept_as ?? '')).toBe(true);
    await expectSound(session);
  });

  it.each([
    ['an index', 'drop index credential_by_expiry'],
    [
      'an index, after the tables were made to say that nothing was taken away',
      `drop index credential_by_expiry; delete from tombstone; delete from deleted_version;
        update version set revoked_at = null; update credential set status = 'active'; update owner set status = 'active'`,
    ],
  ])('%s lost: a trail that is whole takes away, even with --trust', async (_what, sql) => {
    const { session, secrets } = await damaged(sql);
    const { stderr } = await session.run([...RESTORE, '--trust']);
    expect(stderr).not.toContain('could not find out');
    const verdicts = [];
    for (const name of ['kept', 'deleted', 'rotated', 'stopped', 'owned']) {
      verdicts.push(await verdictOn(session, secrets[name] ?? ''));
    }
    expect(verdicts).toEqual(['valid', 'deleted', 'version_retired', 'inactive', 'owner_inactive']);
    await expectSound(session);
  });

  it('brings everything back inactive without --trust', async () => {
    const { session, secrets } = await damaged('delete from audit_head');
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.deactivated).toEqual(['kept', 'owned', 'rotated']);
    expect(await verdictOn(session, secrets['kept'] ?? '')).toBe('inactive');
    await expectSound(session);
  });

  it('goes by nothing but the backup where nothing can be read', async () => {
    const { session } = await damaged('select 1');
    const store = session.workspace.defaultStore;
    for (const script of [
      `: > '${store}'`,
      `dd if=/dev/zero of='${store}' bs=64 count=1 conv=notrunc 2>&1`,
    ]) {
      await session.sh(script);
      const { restored } = await session.json(restoreDocument, ...RESTORE);
      expect(restored.known_from).toBe('damaged-store');
      await expectSound(session);
    }
  });
});
