import { describe, expect, it } from 'vitest';
import { initStoreAt } from '../../../../src/storage/open.js';
import { START } from '../../../support/dependencies/fixed-clock.js';
import { sharedDatabase } from '../../../support/postgres/database-logins.js';
import { type POSTGRES_18, POSTGRES_ENGINES } from '../../../support/postgres/stores.js';
import { newStorePlan, storeSystem } from '../../../support/stores/stores.js';
import { note, openAt } from '../../files.js';
import { anEntry, failure } from '../../fixtures.js';

const SPY = `create function public.spy() returns trigger language plpgsql as
  $$ begin raise exception 'sprung by %', current_user; end $$`;
const TRIGGER =
  'create trigger t before insert on credctl.audit_event for each row execute function public.spy()';

/** An open store, whose owner has more in mind than that. */
async function opened(engine: typeof POSTGRES_18) {
  const { own, ask } = await sharedDatabase(engine);
  await (await initStoreAt(own.url, storeSystem(), newStorePlan())).close();
  await ask(SPY);
  return { store: await openAt(own.url), other: own };
}

describe.each(POSTGRES_ENGINES)('while a store is open on $label', (engine) => {
  it.each([
    ['a trigger', TRIGGER, /trigger t on credctl\.audit_event/],
    [
      'a rule',
      'create rule r as on insert to credctl.audit_event do also select 1',
      /table credctl\.audit_event/,
    ],
    ['a row policy', 'create policy p on credctl.version_hash using (true)', /policy p on/],
    ['row security', 'alter table credctl.store enable row level security', /table credctl\.store/],
    ['a child', 'create table credctl.child () inherits (credctl.leftover)', /table credctl\.leftover/],
    [
      'a view in place of a table',
      `alter table credctl.last_use rename to was; create view credctl.last_use as select * from credctl.was`,
      /view credctl\.last_use/,
    ],
  ])('%s that comes to a table is refused by the next change', async (_what, sql, name) => {
    const { store, other } = await opened(engine);
    await note(store);
    await other.ask(sql);
    await expect(note(store)).rejects.toEqual(failure('denied', name, /^this change was not made/));
    await expect(store.scrub()).rejects.toEqual(failure('denied', name));
  });

  it('a trigger that is not committed yet is waited for, and refused', async () => {
    const { store, other } = await opened(engine);
    await other.ask(`begin; ${TRIGGER}`);
    const change = note(store).catch((fault: unknown) => fault);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await other.ask('commit');
    expect(await change).toEqual(failure('denied', /trigger t on/));
  });

  it('none comes to a table in the midst of a change, and other writers are not held up', async () => {
    const { store, other } = await opened(engine);
    await store.write(async (tx) => {
      await other.ask("set lock_timeout = '100ms'");
      await expect(other.ask(TRIGGER)).rejects.toThrow(/lock timeout/);
      await expect(other.ask('alter table credctl.owner add x text')).rejects.toThrow(/lock timeout/);
      await other.ask('update credctl.generation set value = value');
      await tx.appendAudit(anEntry(), START);
    });
    await note(store);
  });
});
