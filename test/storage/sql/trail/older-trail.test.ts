import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { migratableSqlite } from '../../../../src/storage/sqlite/migrate.js';
import { openSqliteStore } from '../../../../src/storage/sqlite/store.js';
import { setCredentialStatus } from '../../../../src/usecases/credential/activation.js';
import { editCredential } from '../../../../src/usecases/credential/edit.js';
import { createOwner, deleteOwner } from '../../../../src/usecases/owner.js';
import { abortRotation } from '../../../../src/usecases/rotation/end-rotation.js';
import { makeOlderSchema } from '../../../support/stores/older-store.js';
import { forgetFacts } from '../../../support/stores/older-trail.js';
import { untoldByTrail } from '../../../support/stores/told-by-trail.js';
import { openScenario, REVOKE } from '../../../usecases/scenario.js';
import { existing } from '../../contract/opened.js';

const AUTHOR = { actor: 'tester@here', reason: 'update' };

/** A store of schema 3 that has seen every kind of change, as an older program would have left it. */
async function older(schema: 2 | 3): Promise<{ readonly path: string; readonly now: number }> {
  const scenario = await openScenario();
  const deps = scenario.process();
  for (const name of ['ops', 'crew']) await createOwner(deps, { name, kind: 'service' });
  await scenario.issue({ owner: 'ops', expiresAt: scenario.clock.now() + 86_400_000 });
  await scenario.rotate({ supersede: REVOKE });
  await scenario.rotate();
  await abortRotation(deps, { reference: 'ci-bot', force: true });
  await editCredential(deps, {
    reference: 'ci-bot',
    scopes: { replace: ['data:conversations'] },
    owner: 'crew',
  });
  await scenario.issue({ name: 'stopped', owner: 'ops' });
  await setCredentialStatus(deps, 'stopped', 'inactive');
  await scenario.issue({ name: 'orphan', owner: 'ops' });
  await scenario.issue({ name: 'plain' });
  await scenario.issue({ name: 'graced' });
  await scenario.rotate({ reference: 'graced' });
  await deleteOwner(deps, 'ops');
  const path = join(dirname(scenario.files.path), 'older.db');
  makeOlderSchema(schema, path, scenario.files.path);
  chmodSync(path, 0o600);
  forgetFacts(path);
  return { path, now: scenario.clock.now() };
}

function tamper(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

describe.each([2, 3] as const)('a store of schema %i, whose events tell no hashes', (schema) => {
  it('tells all of what it holds once it is migrated, and how much of that could not be checked', async () => {
    const { path, now } = await older(schema);
    const { attested } = await migratableSqlite(path, { watch: () => async () => {} }).migrate(AUTHOR, now);
    expect(attested).toEqual({ credentials: 5, hashes: 8, contradicted: [] });
    expect(await untoldByTrail(path)).toEqual([]);
  });

  it('goes on to be what its older events say, where these tell it', async () => {
    const { path, now } = await older(schema);
    tamper(
      path,
      `update version set revoked_at = null where number = 1
          and credential_key = (select key from credential where name = 'ci-bot');
        update credential set expires_at = null where name = 'ci-bot';
        update credential set status = 'active' where name in ('stopped', 'orphan');
        update credential set owner_id = null where name = 'ci-bot';
        delete from owner where name = 'crew';
        update version set retires_at = retires_at + 86400000
          where credential_key = (select key from credential where name = 'graced') and number = 1;
        update version_hash set hash = '$sha256$${'0'.repeat(64)}'
          where credential_key = (select key from credential where name = 'plain')`,
    );
    const migrated = await migratableSqlite(path, { watch: () => async () => {} }).migrate(AUTHOR, now);
    expect(migrated.attested?.contradicted.toSorted()).toEqual([
      'ci-bot',
      'graced',
      'orphan',
      'owner crew',
      'stopped',
    ]);
    const store = existing(openSqliteStore(path));
    onTestFinished(() => store.close());
    const found = (await store.check(now)).filter(({ check }) => check === 'trail');
    expect(
      found.map(({ message }) => message.replaceAll(/\d{4}-\S+Z|[0-9a-f-]{36}/g, '…')).toSorted(),
    ).toEqual([
      'the end of version 1 of ci-bot is none, but at … according to the audit trail',
      'the end of version 1 of graced is at …, but at … according to the audit trail',
      'the expiry of ci-bot is none, but … according to the audit trail',
      'the owner "crew" is missing, but was never deleted according to the audit trail',
      'the owner of ci-bot is none, but … according to the audit trail',
      'the status of orphan is active, but inactive according to the audit trail',
      'the status of stopped is active, but inactive according to the audit trail',
    ]);
  });
});
