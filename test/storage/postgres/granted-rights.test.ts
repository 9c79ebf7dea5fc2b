import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { initStoreAt } from '../../../src/storage/open.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { POSTGRES_18, POSTGRES_ENGINES, type PostgresEngine } from '../../support/postgres/stores.js';
import { newStorePlan, storeSystem } from '../../support/stores/stores.js';
import { opened } from '../contract/opened.js';

/** A store, and a role of its database. */
async function storeWithRole(engine: PostgresEngine) {
  const fresh = await opened(engine, { prefix: 'acme' });
  const nob = `nob_${randomBytes(6).toString('hex')}`;
  await fresh.ask(`create role ${nob}`);
  onTestFinished(() => fresh.ask(`drop owned by ${nob} cascade; drop role ${nob}`).then(() => {}));
  const found = async () => (await fresh.store.check(START)).filter(({ check }) => check === 'rights');
  return { ...fresh, nob, found };
}

describe.each(POSTGRES_ENGINES)('store check on $label', (engine) => {
  it('has nothing to say of rights that roles of the store give, in any number', async () => {
    const { store, nob, found, ask } = await storeWithRole(engine);
    for (const role of ['verifier', 'auditor', 'admin'] as const) {
      await store.write((tx) => tx.grant(role, nob));
      expect(await found()).toEqual([]);
    }
    await ask(`grant select (id) on credctl.version to ${nob}`);
    expect(await found()).toEqual([]);
  });

  it.each([
    ['rights on a table', 'grant select, update on credctl.version_hash to NOB', 'select, update on table'],
    [
      'rights on a column',
      'grant select (hash) on credctl.version_hash to NOB',
      'select \\(hash\\) on table',
    ],
    ['a function', 'grant execute on function credctl.issue_tokens to NOB', 'execute on routine'],
    ['the schema', 'grant usage on schema credctl to NOB', 'usage on schema'],
    ['emptying a table', 'grant truncate on credctl.audit_event to NOB', 'truncate on table'],
  ])('names %s with the statement that revokes it', async (_what, grant, rights) => {
    const { nob, found, ask } = await storeWithRole(engine);
    await ask(grant.replace('NOB', nob));
    const findings = await found();
    expect(findings).toEqual([
      expect.objectContaining({
        severity: 'error',
        message: expect.stringMatching(new RegExp(`^"${nob}" has rights that no role .*: ${rights} `)),
      }),
    ]);
    for (const { fix } of findings) await ask(/revoke [^;]*/.exec(fix)?.[0] ?? '');
    expect(await found()).toEqual([]);
  });

  it('names what a role has beyond its own, and what it may pass on', async () => {
    const { store, nob, found, ask } = await storeWithRole(engine);
    await store.write((tx) => tx.grant('verifier', nob));
    await ask(`grant update on credctl.version_hash to ${nob};
      grant select on credctl.version to ${nob} with grant option`);
    expect((await found()).map(({ message }) => message.split(': ')[1])).toEqual([
      'select on table credctl.version, and may grant them to others',
      'update on table credctl.version_hash',
    ]);
  });

  it.each(['', ' in schema credctl'])(
    'names what a role would get on tables of a later schema%s',
    async (where) => {
      const { nob, found, ask } = await storeWithRole(engine);
      await ask(`alter default privileges${where} grant select, update on tables to ${nob}`);
      const findings = await found();
      expect(findings.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          new RegExp(`^"${nob}" gets rights .* on tables that "\\w+" creates${where}: select, update$`),
        ),
      ]);
      for (const { fix } of findings) await ask(/alter default [^;]*/.exec(fix)?.[0] ?? '');
      expect(await found()).toEqual([]);
    },
  );

  it('has nothing to say of a store that was made under default privileges, which give nothing on it', async () => {
    const database = await engine.database();
    onTestFinished(() => database.drop());
    await database.ask(`alter default privileges grant select on tables to public;
      alter default privileges grant all on functions to public; alter default privileges grant usage on schemas to public`);
    const store = await initStoreAt(database.url, storeSystem(), newStorePlan());
    onTestFinished(() => store.close());
    expect(
      await database.ask(`select c.relname from pg_class c, aclexplode(c.relacl) a
        where c.relnamespace = 'credctl'::regnamespace and a.grantee = 0`),
    ).toEqual([]);
    expect(
      (await store.check(START)).filter(({ check }) => check === 'rights').map(({ message }) => message),
    ).toEqual([
      expect.stringContaining('usage on schema credctl'),
      expect.stringContaining('everybody gets rights that no role of the store has, on tables'),
    ]);
  });

  it('names what everybody may do', async () => {
    const { found, ask } = await storeWithRole(engine);
    await ask('grant select on credctl.owner to public; grant usage on schema credctl to public');
    expect(await found()).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^everybody has .*usage on schema credctl/) }),
      expect.objectContaining({
        fix: expect.stringContaining('revoke select on table credctl.owner from public'),
      }),
    ]);
  });
});

it('store check on PostgreSQL 18 names the right to maintain a table', async () => {
  const { nob, found, ask } = await storeWithRole(POSTGRES_18);
  await ask(`grant maintain on credctl.version to ${nob}`);
  expect(await found()).toEqual([
    expect.objectContaining({
      fix: expect.stringContaining(`revoke maintain on table credctl.version from ${nob}`),
    }),
  ]);
});
