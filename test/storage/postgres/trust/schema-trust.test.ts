import { describe, expect, it } from 'vitest';
import { initStoreAt } from '../../../../src/storage/open.js';
import { type SharedDatabase, sharedDatabase } from '../../../support/postgres/database-logins.js';
import { POSTGRES_18, POSTGRES_ENGINES } from '../../../support/postgres/stores.js';
import { newStorePlan, storeSystem } from '../../../support/stores/stores.js';
import { note, openAt } from '../../files.js';
import { failure } from '../../fixtures.js';

/** A function that gives its caller's rights away, and an operator that calls it where numeric meets integer. */
const TRAP = `create function credctl.trap(numeric, integer) returns numeric language plpgsql as
    $$ begin raise exception 'sprung by %', current_user; end $$;
  create operator credctl.* (leftarg = numeric, rightarg = integer, function = credctl.trap)`;

/** A store of the database's owner. */
async function madeBy({ own, ask, name }: SharedDatabase): Promise<void> {
  await (await initStoreAt(own.url, storeSystem(), newStorePlan())).close();
  await ask(`alter database ${name} owner to ${own.name}`);
}

describe.each(POSTGRES_ENGINES)('the schema credctl on $label', (engine) => {
  it('that somebody else has made first is refused by whoever makes a store, and by superusers', async () => {
    const shared = await sharedDatabase(engine);
    const { own, app, url } = shared;
    await app.ask(`create schema credctl; grant all on schema credctl to ${own.name}`);
    for (const login of [own.url, url]) {
      await expect(initStoreAt(login, storeSystem(), newStorePlan())).rejects.toEqual(
        failure('denied', new RegExp(`belongs to "${app.name}"`), /alter schema credctl owner to/),
      );
      await expect(openAt(login)).rejects.toEqual(failure('denied'));
    }
    expect(await shared.ask("select 1 from pg_class where relnamespace = 'credctl'::regnamespace")).toEqual(
      [],
    );
    await app.ask(TRAP);
    await expect(openAt(own.url)).rejects.toEqual(
      failure('denied', /operator credctl\.\*\(numeric,integer\)/),
    );
  });

  it('is known whatever the database has set for how names are shown', async () => {
    const shared = await sharedDatabase(engine);
    await madeBy(shared);
    await shared.ask(`alter database ${shared.name} set quote_all_identifiers = on`);
    const store = await openAt(shared.own.url);
    expect(await store.check(Date.now())).toEqual([]);
    await note(store);
  });

  it('that becomes somebody else’s, or lets somebody else make objects, is refused from then on', async () => {
    const shared = await sharedDatabase(engine);
    const { own, app } = shared;
    await madeBy(shared);
    await shared.ask(`grant create on schema credctl to ${app.name}`);
    await expect(openAt(own.url)).rejects.toEqual(failure('denied', /may create objects/, /revoke create/));
    await shared.ask(
      `revoke create on schema credctl from ${app.name}; grant create on schema credctl to public`,
    );
    await expect(openAt(own.url)).rejects.toEqual(failure('denied', /everybody may create objects/));
    await shared.ask('revoke create on schema credctl from public');
    await note(await openAt(own.url));
    await shared.ask(`alter schema credctl owner to ${app.name}`);
    await expect(openAt(own.url)).rejects.toEqual(failure('denied', new RegExp(`belongs to "${app.name}"`)));
    await expect(openAt(shared.url)).rejects.toEqual(failure('denied'));
  });

  it('in which somebody else may put triggers on tables is refused', async () => {
    const shared = await sharedDatabase(engine);
    const { own, app } = shared;
    await madeBy(shared);
    await shared.ask(`grant trigger on credctl.version_hash to ${app.name}`);
    await expect(openAt(own.url)).rejects.toEqual(
      failure('denied', new RegExp(`"${app.name}" may put triggers`), /revoke trigger, references/),
    );
    await shared.ask(`revoke trigger on credctl.version_hash from ${app.name}`);
    await shared.ask(`grant select, insert, update, delete on all tables in schema credctl to ${app.name}`);
    await note(await openAt(own.url));
    await shared.ask('grant references on credctl.owner to public');
    await expect(openAt(own.url)).rejects.toEqual(
      failure('denied', /every role may put triggers or foreign keys/),
    );
  });

  it('may belong to the database’s owner, to a superuser, and to a role whose rights the login has', async () => {
    const shared = await sharedDatabase(engine);
    const { own, app, name } = shared;
    await shared.ask(`create schema credctl; grant usage, create on schema credctl to ${own.name}`);
    await madeBy(shared);
    await shared.ask(
      `alter schema credctl owner to ${app.name}; alter database ${name} owner to ${app.name}`,
    );
    await note(await openAt(own.url));
    await shared.ask(`alter database ${name} owner to postgres; grant ${app.name} to ${own.name}`);
    await note(await openAt(own.url));
    await expect(openAt(shared.url)).rejects.toEqual(failure('denied'));
  });
});

describe('in the schema of a store', () => {
  it.each([
    [
      'a function',
      "create function credctl.f() returns int language sql as 'select 1'",
      /function "credctl\.f\(\)"/,
    ],
    ['a procedure', "create procedure credctl.p() language sql as ''", /"credctl\.p\(\)"/],
    [
      'an aggregate',
      'create aggregate credctl.count(text) (sfunc = textcat, stype = text)',
      /credctl\.count/,
    ],
    ['an operator', TRAP, /operator credctl\.\*\(numeric,integer\)/],
    ['a domain', 'create domain credctl.text as pg_catalog.text', /type credctl\.text/],
    ['an enumeration', "create type credctl.mood as enum ('good')", /type credctl\.mood/],
    ['a collation', 'create collation credctl."C" from "POSIX"', /collation credctl/],
    [
      'a conversion',
      "create default conversion credctl.c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8",
      /conversion/,
    ],
    [
      'a text search configuration',
      'create text search configuration credctl.t (copy = simple)',
      /text search configuration/,
    ],
    [
      'statistics',
      'create statistics credctl.s on type, status from credctl.credential',
      /statistics object/,
    ],
    ['a view', 'create view credctl.other as select 1', /view credctl\.other/],
    [
      'a view in place of a table',
      `alter table credctl.last_use rename to was;
      create view credctl.last_use as select * from credctl.was`,
      /view credctl\.last_use/,
    ],
    ['a materialized view', 'create materialized view credctl.m as select 1', /materialized view/],
    [
      'a foreign table',
      `create extension file_fdw schema public; create server f foreign data wrapper file_fdw;
      create foreign table credctl.ft (x text) server f options (program 'true')`,
      /foreign table/,
    ],
    ['a partitioned table', 'create table credctl.part (x int) partition by list (x)', /table credctl\.part/],
    [
      'a child of a table',
      'create table public.child () inherits (credctl.access_token)',
      /table credctl\.access_token/,
    ],
    [
      'a rule',
      'create rule r as on insert to credctl.version_hash do also select 1',
      /table credctl\.version_hash/,
    ],
    [
      'a trigger',
      `create function public.t() returns trigger language plpgsql as 'begin return new; end';
      create trigger t before insert on credctl.version_hash for each row execute function public.t()`,
      /trigger t on credctl\.version_hash/,
    ],
    [
      'a foreign key of a table elsewhere',
      `create table public.holds (id text references credctl.owner (id))`,
      /trigger/,
    ],
    [
      'row policies',
      'alter table credctl.audit_event enable row level security',
      /table credctl\.audit_event/,
    ],
    [
      'a row policy that is not in force',
      'create policy p on credctl.version_hash using (true)',
      /policy p on credctl\.version_hash/,
    ],
    [
      'a default that calls a function',
      `create function public.d() returns bigint language sql as 'select 1::bigint';
      alter table credctl.owner alter column created_at set default public.d()`,
      /default value/,
    ],
    [
      'a constraint that calls a function',
      `create function public.k(text) returns bool language sql as 'select true';
      alter table credctl.owner add constraint k check (public.k(name))`,
      /constraint k on credctl\.owner/,
    ],
    [
      'an index that calls a function',
      `create function public.i(text) returns text immutable language sql as 'select $1';
      create index i on credctl.owner (public.i(name))`,
      /index credctl\.i/,
    ],
    [
      'a cast of rows',
      `create function public.c(credctl.owner) returns text language sql as 'select null::text';
      create cast (credctl.owner as text) with function public.c(credctl.owner)`,
      /cast/,
    ],
    ['an extension', 'create extension citext schema credctl', /extension citext/],
    ['a table of somebody else', 'create table credctl.mine (id int)', /credctl\.mine/],
    ['a sequence of somebody else', 'create sequence credctl.mine', /credctl\.mine/],
  ])('%s is refused and named, whoever has put it there', async (_what, sql, name) => {
    const shared = await sharedDatabase(POSTGRES_18);
    await madeBy(shared);
    await shared.ask(`set session_replication_role = default; ${sql}`);
    for (const login of [shared.own.url, shared.url]) {
      await expect(openAt(login)).rejects.toEqual(failure('denied', name, /drop it|move it/));
    }
  });

  it('what a newer credctl has made is called newer', async () => {
    const shared = await sharedDatabase(POSTGRES_18);
    await madeBy(shared);
    await shared.ask("create function credctl.f() returns int language sql as 'select 1'");
    await shared.ask('update credctl.schema_number set value = 99');
    await expect(openAt(shared.own.url)).rejects.toEqual(
      failure('store_unavailable', /newer credctl \(schema 99\)/),
    );
    await shared.ask(`alter schema credctl owner to ${shared.app.name}`);
    await expect(openAt(shared.own.url)).rejects.toEqual(failure('denied', /belongs to/));
  });

  it('members of pg_trgm are known, wherever it was put, as far as they are its own', async () => {
    const shared = await sharedDatabase(POSTGRES_18);
    const { own, app, ask } = shared;
    await ask(`create schema credctl authorization ${own.name}; create extension pg_trgm schema credctl`);
    await madeBy(shared);
    await note(await openAt(own.url));
    await ask(`create function credctl.f(text) returns text language sql as 'select $1';
      alter extension pg_trgm add function credctl.f(text)`);
    await expect(openAt(own.url)).rejects.toEqual(failure('denied', /credctl\.f\(text\)/));
    await ask('alter extension pg_trgm drop function credctl.f(text); drop function credctl.f(text)');
    await ask(`alter table credctl.owner owner to ${app.name}`);
    await expect(openAt(own.url)).rejects.toEqual(failure('denied', new RegExp(`belongs to "${app.name}"`)));
  });
});
