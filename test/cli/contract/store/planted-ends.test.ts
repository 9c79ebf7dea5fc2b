import { renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession, type Session } from '../../../support/program/run.js';
import { reseal, tamper } from './altered-backup.js';
import { expectSound, RESTORE, restoreDocument } from './restoring.js';

/** A store of two credentials, and a backup of it. */
async function opened(): Promise<{
  readonly session: Session;
  readonly secrets: Readonly<Record<string, string>>;
}> {
  const session = await openSession();
  await session.ok('store', 'init', '--hash', 'sha256');
  const secrets = { a: await session.issue('a'), b: await session.issue('b') };
  await session.ok('store', 'backup', 'b.db');
  return { session, secrets };
}

function plant(session: Session, sql: string): void {
  tamper(session.workspace.defaultStore, `${sql}; update generation set value = value + 1`);
}

async function found(session: Session): Promise<readonly string[]> {
  const { exitCode, stdout } = await session.run(['store', 'check', '--json']);
  const messages: string[] = JSON.parse(stdout).findings.map(({ message }: { message: string }) => message);
  expect(exitCode, messages.join('\n')).toBe(9);
  return messages;
}

async function works(session: Session, secret: string | undefined): Promise<boolean> {
  return (await session.run(['verify'], { stdin: secret ?? '' })).exitCode === 0;
}

/** Restores the backup, lets work what came back inactive, and expects both secrets to be good. */
async function expectBack(session: Session, secrets: Readonly<Record<string, string>>): Promise<void> {
  const { restored } = await session.json(restoreDocument, ...RESTORE);
  expect(restored.still_deleted).toEqual([]);
  if (restored.deactivated.length > 0) await session.ok('activate', ...restored.deactivated);
  for (const secret of Object.values(secrets)) expect(await works(session, secret)).toBe(true);
  await expectSound(session);
}

const KEY = "(select key from credential where name = 'a')";
const ID = "(select id from credential where name = 'a')";
const REMOVED = `delete from version_hash where credential_key = ${KEY}; delete from last_use where credential_key = ${KEY};
  delete from credential_scope where credential_key = ${KEY}; delete from version where credential_key = ${KEY};
  delete from credential where name = 'a'`;
const TOMBSTONE = `insert into tombstone select ${ID}, null, json_group_array(id), 5 from version where credential_key = ${KEY};
  insert into deleted_version select id, ${ID} from version where credential_key = ${KEY}`;

describe('what was taken away past the program', () => {
  it.each([
    ['a credential, behind a tombstone', `${TOMBSTONE}; ${REMOVED}`],
    ['a credential, which is listed as deleted', TOMBSTONE],
    ['a credential without a trace', REMOVED],
    [
      'a version',
      `delete from version_hash where credential_key = ${KEY}; delete from version where credential_key = ${KEY}`,
    ],
  ])('is found and comes back by a restore: %s', async (_what, sql) => {
    const { session, secrets } = await opened();
    plant(session, sql);
    expect((await found(session)).join('\n')).toMatch(/\ba\b/);
    await expectBack(session, secrets);
  });

  it('is found after a restore to where there was nothing as well', async () => {
    const { session, secrets } = await opened();
    renameSync(session.workspace.defaultStore, session.workspace.path('away.db'));
    await session.ok('store', 'restore', 'b.db', '--yes', '--trust');
    expect(await works(session, secrets['a'])).toBe(true);
    plant(session, REMOVED);
    expect((await found(session)).join('\n')).toContain(
      'version 1 of a was issued and never deleted, but is missing',
    );
    await expectBack(session, secrets);
  });
});

const LAPSED = `update version set delivered_at = null, lapses_at = delivered_at + 1 where credential_key = ${KEY}`;
const RETIRED = `update version set retires_at = created_at + 1 where credential_key = ${KEY}`;
const STAMPED = `update version set ended_at = created_at + 1, ended_as = 'retired' where credential_key = ${KEY}`;

describe('an end that was planted past the program', () => {
  it.each([
    ['of a delivery', LAPSED],
    ['of a grace', RETIRED],
    ['that is stamped already', STAMPED],
  ])('becomes true by no command, and goes by a restore: %s', async (_what, sql) => {
    const { session, secrets } = await opened();
    plant(session, sql);
    expect(await works(session, secrets['b'])).toBe(true);
    await session.ok('edit', 'b', '--description', 'x');
    await session.run(['rotate', 'a', '--abort']);
    expect((await session.run(['create', 'a', '--type', 'api-key', '--scope', 'data:users'])).exitCode).toBe(
      5,
    );
    expect((await found(session)).join('\n')).toMatch(/of version 1 of a is /);
    await expectBack(session, secrets);
  });
});

describe('a backup that was changed', () => {
  it('gives no credential the name or the owner of another one', async () => {
    const { session, secrets } = await opened();
    tamper(
      session.workspace.path('b.db'),
      `update credential set name = 'x', name_key = 'x' where name = 'a';
       update credential set name = 'a', name_key = 'a' where name = 'b';
       update credential set name = 'b', name_key = 'b' where name = 'x'`,
    );
    reseal(session.workspace.path('b.db'));
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.not_believed).toEqual([
      { name: 'b', what: ['name in the backup'] },
      { name: 'a', what: ['name in the backup'] },
    ]);
    const { stdout } = await session.run(['verify', '--json'], { stdin: secrets['a'] ?? '' });
    expect(stdout).toContain('"name":"a"');
    await expectSound(session);
  });
});

describe('a catalog that was replaced past the program', () => {
  it('is not made the right one by a migration', async () => {
    const { session } = await opened();
    plant(
      session,
      `update catalog set document = replace(document, '"users"', '"usrs"');
       drop table leak; drop index credential_by_canary; alter table credential drop column canary;
       alter table store drop column earlier_hashes; pragma user_version = 3`,
    );
    const { stderr } = await session.run(['edit', 'b', '--description', 'x']);
    expect(stderr).toMatch(/migrated the store .*\n.* kept as .*\n.*\d+ hashes could not be checked/);
    expect((await found(session)).join('\n')).toContain(
      'the catalog is not the last one applied according to the audit trail',
    );
  });
});

describe('values that no program writes', () => {
  it.each([31, 17, 3, -1])('are found: a cost of %i', async (cost) => {
    const { session } = await opened();
    plant(session, `update store set hash_scheme = 'bcrypt', bcrypt_cost = ${cost}`);
    expect((await session.run(['store', 'check'])).exitCode).toBe(9);
    expect((await session.run(['verify'], { stdin: `cctl_key_${'0'.repeat(61)}` })).exitCode).not.toBe(0);
  });

  it.each(['zz', '99zz'])('are found, and block no restore: a token with the times %s', async (time) => {
    const { session, secrets } = await opened();
    await session.ok('create', 'app', '--scope', 'data:users', '-q');
    await session.ok('store', 'backup', 'b.db', '--force');
    plant(
      session,
      `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
        select '0123456789AB', c.id, v.id, 'x', '["data:users"]', '${time}', '${time}'
        from credential c join version v on v.credential_key = c.key where c.name = 'app'`,
    );
    expect((await found(session)).join('\n')).toContain(
      'the times of access tokens of app are not as a server writes them',
    );
    await session.ok(...RESTORE);
    expect(await works(session, secrets['a'])).toBe(true);
  });
});
