import { beforeEach, describe, expect, it, vi } from 'vitest';
import { stolenVerifier } from '../../../support/postgres/stolen-login.js';
import { POSTGRES_ENGINES } from '../../../support/postgres/stores.js';
import { openTeamSession, type TeamSession } from '../../../support/postgres/verifier-login.js';
import { issueClient } from '../../../support/servers/clients.js';

const ISSUE = `select credctl.issue_tokens(array['AAAAAAAAAAAA'], array[c.id], array[v.id], array[repeat('a', 64)],
    array['["data:*"]'], array[floor(extract(epoch from now()) * 1000)::bigint], array[4102444800000])
  from credctl.credential c join credctl.version v on v.credential_key = c.key where c.name = 'crm'`;

const TOKEN = `insert into access_token (id, credential_id, version_id, digest, scopes, issued_at, expires_at)
  select 'BBBBBBBBBBBB', c.id, v.id, repeat('a', 64), '["data"]', 1, 4102444800000
  from credential c join version v on v.credential_key = c.key where c.name = 'crm'`;

describe.each(POSTGRES_ENGINES)('on $label', (engine) => {
  let session: TeamSession;

  beforeEach(async () => {
    session = await openTeamSession(engine);
    await issueClient(session, 'crm');
    await issueClient(session, 'old');
  });

  const ask = (sql: string) => session.database.ask<{ n: number }>(`set search_path = credctl; ${sql}`);
  const count = async (table: string) =>
    (await session.database.ask<{ n: number }>(`select count(*)::int as n from credctl.${table}`))[0]?.n;
  const check = () => session.run(['store', 'check']);

  /** Runs the SQL of the fix, after which nothing is found any more. */
  async function expectMended(message: string) {
    const found = await check();
    expect(found.stdout).toContain(message);
    const document = JSON.parse((await session.run(['store', 'check', '--json'])).stdout) as {
      findings: { message: string; fix: string }[];
    };
    const fix = document.findings.find((each) => each.message.includes(message))?.fix ?? '';
    await ask(fix.replace(/^.*?(?:run|in SQL): /, '').replace(/; find out .*$/, ''));
    expect((await check()).stdout).not.toContain(message);
  }

  it('a token of a transaction that is committed after the deletion is wiped', async () => {
    const stolen = await stolenVerifier(session);
    await stolen.sql('begin');
    await stolen.sql(ISSUE);
    await session.ok('delete', 'crm', '--yes');
    await session.ok('edit', 'old', '--description', 'meanwhile');
    await stolen.sql('commit');
    expect(await count('access_token')).toBe(1);
    // It stays noted as long as any transaction of the server is under way that began before it: other tests have some.
    await vi.waitFor(
      async () => {
        await session.ok('edit', 'old', '--description', `another change ${Date.now()}`);
        expect([await count('access_token'), await count('leftover')]).toEqual([0, 0]);
      },
      { timeout: 120_000, interval: 500 },
    );
  });

  it('a deletion that is still noted holds up no other one', async () => {
    const stolen = await stolenVerifier(session);
    await stolen.sql('begin; select pg_current_xact_id()');
    for (const name of ['crm', 'old']) await session.ok('delete', name, '--yes');
    for (let n = 0; n < 2; n += 1) {
      await issueClient(session, 'new');
      await session.ok('delete', 'new', '--yes');
    }
    expect(await count('leftover')).toBe(4);
    expect((await check()).exitCode).toBe(0);
    await stolen.sql('rollback');
  });

  it('nothing of what exists is wiped, whatever leftover says', async () => {
    await ask(`${TOKEN}; insert into leftover (credential_key, version_ids)
      select c.key, '["' || v.id || '"]' from credential c join version v on v.credential_key = c.key where c.name = 'crm'`);
    await ask(`insert into leftover (credential_key, version_ids)
      select 4711, '["' || v.id || '"' from credential c join version v on v.credential_key = c.key where c.name = 'crm'`);
    const uses = await count('last_use');
    await session.ok('edit', 'old', '--description', 'the next change');
    expect([await count('access_token'), await count('last_use')]).toEqual([1, uses]);
    await expectMended('that were never deleted');
  });

  it('a check names tokens of scopes that are none, and of no version', async () => {
    await ask(TOKEN);
    await expectMended('are not as a server writes them');
    await ask(`${TOKEN}; update access_token set version_id = 'CCCCCCCCCCCC'`);
    await expectMended('belongs to no secret');
  });

  it.each([
    'delete from api_lifetime',
    'update api_lifetime set seconds = seconds * 2',
    "insert into api_lifetime values ('gone', 60)",
  ])('a check compares the lifetimes with the catalog: %s', async (altered) => {
    await ask(altered);
    await expectMended('differs from the catalog');
  });

  it.each([
    'delete from deleted_version',
    "update deleted_version set credential_id = 'x'",
    "insert into deleted_version values ('CCCCCCCCCCCC', 'x')",
  ])('a check compares deleted versions with the tombstones: %s', async (altered) => {
    await session.ok('delete', 'old', '--yes');
    expect((await check()).exitCode).toBe(0);
    await ask(altered);
    await expectMended('differs from the records of deleted credentials');
  });
});
