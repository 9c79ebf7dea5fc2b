import { describe, expect, it } from 'vitest';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { postgresPlace, SQLITE_PLACE } from '../../support/stores/copy-ends.js';
import { SQLITE } from '../../support/stores/stores.js';
import { everything, existing } from '../contract/opened.js';
import { failure } from '../fixtures.js';
import { type AnyStore, copy, disturbed, filled } from './copying.js';

describe.each([SQLITE_PLACE, postgresPlace(POSTGRES_18)])('a copy into $label', (kind) => {
  it('overwrites nothing', async () => {
    const from = await filled(SQLITE);
    const place = await kind.create();
    const copied = await copy(from, await place.target());
    const before = await everything(place as unknown as AnyStore);
    const events = (await from.store.listAudit({ limit: 1 })).items[0]?.event.seq;
    await expect(copy(from, await place.target())).rejects.toEqual(
      failure('conflict', /exists already (?:at|in) /, /--to/),
    );
    expect(await everything(place as unknown as AnyStore)).toEqual(before);
    expect((await from.store.listAudit({ limit: 1 })).items[0]?.event.seq).toBe(events);
    expect((await (await place.open()).settings()).id).toBe(copied.storeId);
  });

  it('does not go on with the copy of another store, nor with one that is being made', async () => {
    const [one, other] = [await filled(SQLITE), await filled(SQLITE)];
    await other.tamper("update store set store_id = '01a210a8-0000-7000-8000-000000000000'");
    const place = await kind.create();
    const hindered = disturbed(await place.target(), async () => {
      await expect(copy(one, await place.target())).rejects.toEqual(failure('conflict', /another command/));
      throw new Error('cut off');
    });
    await expect(copy(one, hindered)).rejects.toThrow('cut off');
    const refused = failure(
      'conflict',
      /unfinished copy of another store/,
      /remove the unfinished copy|drop /,
    );
    await expect(copy(other, await place.target())).rejects.toEqual(refused);
    expect((await copy(one, await place.target())).isResumed).toBe(true);
  });

  it('of an altered trail does not come about, and leaves nothing', async () => {
    const from = await filled(SQLITE);
    const [row] = await from.ask<{ actor: string }>('select actor from audit_event where seq = 2');
    await from.tamper("update audit_event set actor = 'mallory' where seq = 2");
    const place = await kind.create();
    const refused = failure('integrity', /altered at event 2$/, /store check/);
    await expect(copy(from, await place.target())).rejects.toEqual(refused);
    await expect(place.open()).rejects.toEqual(failure('store_unavailable', /there is no store/));
    await from.tamper('update audit_event set actor = ? where seq = 2', existing(row).actor);
    expect((await copy(from, await place.target())).isResumed).toBe(false);
  });

  it('that is not what the store holds is found out, and leaves nothing', async () => {
    const from = await filled(SQLITE);
    const place = await kind.create();
    const altered = disturbed(await place.target(), async (_draft, table) => {
      if (table === 'version')
        await place.ask("update credential set status = 'inactive' where status = 'active'");
    });
    await expect(copy(from, altered)).rejects.toEqual(
      failure('integrity', /^the table credential of the copy/),
    );
    await expect(place.open()).rejects.toEqual(failure('store_unavailable', /there is no store/));
  });
});
