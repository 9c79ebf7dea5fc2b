import { describe, expect, it } from 'vitest';
import { MOST_UNKNOWN } from '../../../src/storage/postgres/functions/record-leaks.js';
import { STORE_RIGHTS } from '../../../src/storage/postgres/roles/store-rights.js';
import { type StolenLogin, stolenLogin, stolenVerifier } from '../../support/postgres/stolen-login.js';
import { type POSTGRES_18, POSTGRES_ENGINES } from '../../support/postgres/stores.js';
import { openTeamSession, type TeamSession } from '../../support/postgres/verifier-login.js';
import { until } from '../../support/program/until.js';
import { issueClient } from '../../support/servers/clients.js';

const DENIED = '42501';

/** Whatever a command of an admin has to do after a break-in, and what one looks with. */
const COMMANDS = [
  ['list'],
  ['list', '--sort', 'last-used'],
  ['show', 'bot'],
  ['edit', 'bot', '--description', 'x'],
  ['create', 'next', '--type', 'api-key', '--scope', 'data:users'],
  ['deactivate', 'bot'],
  ['activate', 'bot'],
  ['rotate', 'bot', '--now'],
  ['rotate', 'crm'],
  ['rotate', 'crm', '--abort'],
  ['rotate', 'crm', '--now'],
  ['owner', 'deactivate', 'ops'],
  ['owner', 'delete', 'ops', '--yes'],
  ['catalog', 'show'],
  ['audit', 'verify'],
  ['delete', 'bot', 'crm', '--yes'],
] as const;

async function team(engine: typeof POSTGRES_18): Promise<TeamSession> {
  const session = await openTeamSession(engine);
  await session.ok('owner', 'create', 'ops', '--kind', 'service');
  await session.issue('bot', '--owner', 'ops');
  await issueClient(session, 'crm', '--owner', 'ops');
  return session;
}

/** Uses of everything at the worst times there are, and a token, by the functions of the schema. */
const WORST_USES = `select credctl.record_uses(array_agg(version_id), array_agg($1::bigint), array_agg($1::bigint),
  array_agg($2::text)) from credctl.version_hash`;

const TOKENS = `select t from credctl.issue_tokens(array['AAAAAAAAAAAA'], (select array_agg(id) from credctl.credential where name = 'crm'),
  (select array_agg(v.id) from credctl.version v join credctl.credential c on c.key = v.credential_key where c.name = 'crm'),
  array[repeat('a', 64)], array['["data:users"]'], array[0::bigint + floor(extract(epoch from now()) * 1000)::bigint],
  array[4102444800000]) as t`;

/** A leak of every version, in whatever the caller puts there. */
const LEAKS = `select l from credctl.record_leaks(
  (select array_agg('cctl_' || case c.type when 'oauth2' then 'sec_' else 'key_' end || v.id)
    from credctl.version v join credctl.credential c on c.key = v.credential_key),
  null, null, array['scan', 'scan'], array[$1::text, $1::text], array[$2::bigint, $2::bigint]) as l`;

/** Leaks of secrets that the store never had. */
const UNKNOWN_LEAKS = `select l from credctl.record_leaks(
  (select array_agg('cctl_tok_' || lpad((n + $1::int)::text, 12, '0')) from generate_series(1, 100) n), null, null,
  (select array_agg('github'::text) from generate_series(1, 100)), null,
  (select array_agg(1::bigint) from generate_series(1, 100))) as l`;

async function expectUnharmed(session: TeamSession): Promise<void> {
  for (const command of COMMANDS) {
    const { exitCode, stderr } = await session.run([...command]);
    expect([command.join(' '), exitCode], stderr).toEqual([command.join(' '), 0]);
  }
}

describe.each(POSTGRES_ENGINES)('a stolen login of a server on $label', (engine) => {
  let session: TeamSession;
  let stolen: StolenLogin;

  it.each(['verifier', 'responder', 'auditor'] as const)(
    'of the role %s changes and locks no table by itself',
    async (role) => {
      session = await team(engine);
      stolen = role === 'verifier' ? await stolenVerifier(session) : await stolenLogin(session, role);
      const tables = await session.database.ask<{ name: string }>(
        "select c.relname as name from pg_class c where c.relnamespace = 'credctl'::regnamespace and c.relkind = 'r'",
      );
      expect(tables.length).toBeGreaterThan(15);
      const attempts = tables.flatMap(({ name }) => [
        `insert into credctl.${name} select * from credctl.${name} limit 0`,
        `delete from credctl.${name}`,
        `truncate credctl.${name}`,
        `select 1 from credctl.${name} for key share`,
        ...['row exclusive', 'share', 'access exclusive'].map(
          (mode) => `do 'begin lock table credctl.${name} in ${mode} mode; end'`,
        ),
        `alter table credctl.${name} add column mine text`,
      ]);
      attempts.push(
        'update credctl.last_use set last_used_at = 9007199254740993',
        "update credctl.credential set status = 'active'",
        'create table credctl.mine (id integer)',
        "create function credctl.mine() returns integer language sql as 'select 1'",
      );
      for (const attempt of attempts)
        expect([attempt, await stolen.refusal(attempt)]).toEqual([attempt, DENIED]);
      const callable = await stolen.sql<{ name: string }>(
        `select proname as name from pg_proc where pronamespace = 'credctl'::regnamespace
        and has_function_privilege(oid, 'execute') order by 1`,
      );
      const allowed = STORE_RIGHTS[role].functions.map(({ name }) => name).sort();
      expect(callable.map(({ name }) => name)).toEqual(allowed);
    },
  );

  it.each([9_007_199_254_740_993n, 8_640_000_000_000_000n, -1n])(
    'cannot make what is used unreadable: %s',
    async (time) => {
      session = await team(engine);
      stolen = await stolenVerifier(session);
      await stolen.sql(WORST_USES, time, '\u001b[31m'.repeat(99));
      const [worst] = await session.database.ask<{ future: string; address: string | null }>(
        `select (max(last_used_at) > floor(extract(epoch from clock_timestamp()) * 1000))::text as future,
          max(last_used_from) as address from last_use`,
      );
      expect(worst).toEqual({ future: 'false', address: null });
      await expectUnharmed(session);
    },
  );

  it('cannot make leaks unreadable, nor more of them than there are secrets', async () => {
    session = await team(engine);
    stolen = await stolenVerifier(session);
    const worst = ['\u001b[31m\u0007'.repeat(20), 'x'.repeat(100_000), '', null];
    for (const place of worst) {
      for (const time of [9_007_199_254_740_993n, -1n, null]) await stolen.sql(LEAKS, place, time);
    }
    const [row] = await session.database.ask<{ n: number; future: string; longest: number }>(
      `select count(*)::int as n, max(length(places))::int as longest,
        (max(last_found_at) > floor(extract(epoch from clock_timestamp()) * 1000))::text as future from leak`,
    );
    expect(row).toMatchObject({ n: 2, future: 'false' });
    expect(row?.longest).toBeLessThan(1_000);
    for (let from = 0; from < 2_000; from += 100) await stolen.sql(UNKNOWN_LEAKS, from);
    expect(await session.database.ask("select count(*)::int as n from leak where kind = 'tok'")).toEqual([
      { n: MOST_UNKNOWN },
    ]);
    const wrong = `select l from credctl.record_leaks(array['acme_key_000000000000', 'cctl_key_', 'x'], null, null,
      array['scan', 'scan', 'scan'], null, array[1, 1, 1]::bigint[]) as l`;
    expect(await stolen.sql(wrong)).toEqual([]);
    expect(await session.database.ask("select count(*)::int as n from leak where kind <> 'tok'")).toEqual([
      { n: 2 },
    ]);
    await expectUnharmed(session);
  });

  it('holds up no command by a transaction that it leaves open, whatever it did in it', async () => {
    session = await team(engine);
    stolen = await stolenVerifier(session);
    expect(await stolen.sql(TOKENS)).toEqual([{ t: 'AAAAAAAAAAAA' }]);
    const other = await stolenVerifier(session);
    await other.sql('begin');
    await other.sql(
      "select credctl.delete_token('AAAAAAAAAAAA', (select id from credctl.credential where name = 'crm'))",
    );
    await stolen.sql('begin');
    await stolen.sql(WORST_USES, 1n, null);
    await stolen.sql(TOKENS.replace('AAAAAAAAAAAA', 'BBBBBBBBBBBB'));
    await stolen.sql(LEAKS, 'a.ts:1:1', 1n);
    await other.sql(LEAKS, 'b.ts:1:1', 1n);
    for (const table of STORE_RIGHTS.verifier.tables.flatMap(([, tables]) => tables)) {
      await stolen.sql(`lock table credctl.${table} in access share mode`);
    }
    await expectUnharmed(session);
    const left = () =>
      session.database.ask<{ leftovers: number; uses: number; tokens: number }>(
        `select (select count(*) from leftover) as leftovers,
          (select count(*) from last_use u where not exists (select 1 from credential c where c.key = u.credential_key)) as uses,
          (select count(*) from access_token where id = 'AAAAAAAAAAAA') as tokens`,
      );
    expect(await left()).toEqual([{ leftovers: 2, uses: 4, tokens: 1 }]);
    const created = await session.run(['create', 'one', '--type', 'api-key', '--scope', 'data:users']);
    expect(created.exitCode, created.stderr).toBe(0);
    const check = await session.run(['store', 'check']);
    expect(check.exitCode, check.stdout).toBe(0);
    expect(check.stdout).toContain('still exist; they do not work (credentials: 2)');
    // A file, whose tables refer to each other, has no room for what belongs to nothing.
    const copied = await session.run(['store', 'copy', '--to', 'moved.db']);
    expect(copied.exitCode, copied.stderr).toBe(0);
    await stolen.sql('rollback');
    await other.sql('rollback');
    await session.ok('edit', 'one', '--description', 'the next change');
    expect(await left()).toMatchObject([{ uses: 0, tokens: 0 }]);
    // An entry stays queued while an older transaction is in progress anywhere on the server, such as another test's.
    await until(async () => {
      await session.ok('edit', 'one', '--description', `at ${Math.random()}`);
      return (await left())[0]?.leftovers === 0;
    });
  });

  it('is told of by the deletion that it holds back something of', async () => {
    session = await team(engine);
    stolen = await stolenVerifier(session);
    await stolen.sql('begin');
    await stolen.sql(WORST_USES, 1n, null);
    const { exitCode, stderr } = await session.run(['delete', 'bot', '--yes']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain(
      'note: another session still holds access tokens and uses of the deleted credentials',
    );
  });
});
