import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { initStoreAt } from '../../../src/storage/open.js';
import { createStoreFile } from '../../../src/storage/sqlite/create.js';
import { createSqliteStore } from '../../../src/storage/sqlite/store.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { ENDED, FOREIGN, leftoverName, OWN, REUSED } from '../../support/stores/leftover-names.js';
import { newStorePlan, storeSystem } from '../../support/stores/stores.js';
import { added } from '../contract/opened.js';
import { emptyDirectory, modeOf, note, openAt, withoutMask } from '../files.js';
import { failure } from '../fixtures.js';

describe('the files of a new store', () => {
  it('are for their owner alone, whatever the mask', async () => {
    withoutMask();
    const path = join(emptyDirectory(), 'a', 'b', 'credctl.db');
    const store = await openAt(path);
    await note(store);
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600']);
    expect([join(path, '..'), join(path, '..', '..')].map(modeOf)).toEqual(['700', '700']);
  });

  it('are nothing but the store: no draft is left over', async () => {
    const directory = emptyDirectory();
    await (await initStoreAt(join(directory, 'credctl.db'), storeSystem(), newStorePlan())).close();
    expect(readdirSync(directory)).toEqual(['credctl.db']);
  });

  it('do not appear at all when the first rows cannot be written', async () => {
    const directory = emptyDirectory();
    const author = { actor: 'tester@here', reason: 'a lone \ud800 surrogate' };
    const store = initStoreAt(join(directory, 'credctl.db'), storeSystem(), newStorePlan({ author }));
    await expect(store).rejects.toThrow();
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(['-wal', '-journal'])(
    'do not take over a %s that is left of a store that is gone',
    async (suffix) => {
      const directory = emptyDirectory();
      const path = join(directory, 'credctl.db');
      writeFileSync(`${path}${suffix}`, 'left', { mode: 0o600 });
      const store = initStoreAt(path, storeSystem(), newStorePlan());
      await expect(store).rejects.toEqual(
        failure('store_unavailable', /belongs to a store that no longer exists/, /: mv /),
      );
      expect(readdirSync(directory)).toEqual([`credctl.db${suffix}`]);
    },
  );

  it('are complete whenever they can be seen', async () => {
    const path = join(emptyDirectory(), 'credctl.db');
    let looks = 0;
    let isDone = false;
    const watch = async () => {
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        looks += 1;
        if (!existsSync(path)) continue;
        const seen = await openAt(path, { whenMissing: 'refuse' });
        expect(await seen.verifyAudit(null)).toMatchObject({ valid: true, events: 1 });
        expect((await seen.catalog()).name).toBe('moveworks');
      }
    };
    const watching = watch();
    await openAt(path).then((store) => store.write(async () => {}));
    isDone = true;
    await watching;
    expect(looks).toBeGreaterThan(0);
  });

  it('replace nothing: making a store where there is one is a conflict', async () => {
    const path = join(emptyDirectory(), 'credctl.db');
    const first = await initStoreAt(path, storeSystem(), newStorePlan());
    const credential = await added(first);
    await expect(initStoreAt(path, storeSystem(), newStorePlan())).rejects.toEqual(failure('conflict'));
    expect(await first.findCredential(credential.id)).toEqual(credential);
    await first.close();
  });
});

describe('several first commands at once', () => {
  it('all succeed, in the one store that one of them made', async () => {
    const path = join(emptyDirectory(), 'deep', 'credctl.db');
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        createSqliteStore(path, { ...newStorePlan(), id: `store-${index}` }, START),
      ),
    );
    expect(made.filter((isOurs) => isOurs)).toHaveLength(1);
    expect(readdirSync(join(path, '..'))).toEqual(['credctl.db']);
    const store = await openAt(path, { whenMissing: 'refuse' });
    expect((await store.settings()).id).toBe(`store-${made.indexOf(true)}`);
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 1 });
  });

  it('write to that store, also the one that had found none when it began', async () => {
    const path = join(emptyDirectory(), 'credctl.db');
    const [early, late] = [await openAt(path), await openAt(path, { system: storeSystem('late') })];
    await note(early);
    await note(late);
    const store = await openAt(path, { whenMissing: 'refuse' });
    expect(await store.verifyAudit(null)).toMatchObject({ valid: true, events: 3 });
  });

  it('of which each wants to make the store: one does, the others are in conflict', async () => {
    const path = join(emptyDirectory(), 'credctl.db');
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => initStoreAt(path, storeSystem(), newStorePlan())),
    );
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    for (const store of made) await store.close();
    expect(made).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toEqual(failure('conflict'));
    }
  });
});

describe('what a creation that was killed left behind', () => {
  const leftovers = (mark: string) =>
    ['', '-wal', '-journal'].map((suffix) => leftoverName('credctl.db', mark, 'new', suffix));

  it('is swept by the next one, unless its process still runs or is of another container', async () => {
    const directory = emptyDirectory();
    const kept = [...leftovers(OWN), ...leftovers(FOREIGN)];
    for (const name of [...leftovers(ENDED), ...leftovers(REUSED), ...kept])
      writeFileSync(join(directory, name), 'half');
    const others = [
      '.credctl.db.new',
      leftoverName('other.db', ENDED, 'new'),
      leftoverName('credctl.db', ENDED, 'new').slice(1),
    ];
    for (const name of others) writeFileSync(join(directory, name), 'mine');
    await (await initStoreAt(join(directory, 'credctl.db'), storeSystem(), newStorePlan())).close();
    expect(readdirSync(directory).sort()).toEqual(['credctl.db', ...kept, ...others].sort());
  });

  it('is left alone where it is a directory, and the store is made all the same', async () => {
    const directory = emptyDirectory();
    const planted = leftoverName('credctl.db', ENDED, 'new');
    mkdirSync(join(directory, planted));
    await (await initStoreAt(join(directory, 'credctl.db'), storeSystem(), newStorePlan())).close();
    expect(readdirSync(directory).sort()).toEqual([planted, 'credctl.db']);
  });

  it('is swept at once where it is the store itself, whoever has made it', async () => {
    const directory = emptyDirectory();
    const path = join(directory, 'credctl.db');
    await (await initStoreAt(path, storeSystem(), newStorePlan())).close();
    linkSync(path, join(directory, leftoverName('credctl.db', FOREIGN, 'new')));
    await openAt(path);
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a first command whose unfinished store is removed by another program', () => {
  it('makes it once more', async () => {
    const directory = emptyDirectory();
    const path = join(directory, 'credctl.db');
    const removals: string[] = [];
    const isOurs = await createStoreFile(path, async (database) => {
      database.exec('create table t (n integer)');
      if (removals.length === 2) return;
      const draft = readdirSync(directory).find((name) => name.endsWith('.new')) ?? '';
      rmSync(join(directory, draft));
      removals.push(draft);
    });
    expect([isOurs, new Set(removals).size, readdirSync(directory)]).toEqual([true, 2, ['credctl.db']]);
  });

  it('gives up when that goes on', async () => {
    const directory = emptyDirectory();
    const made = createStoreFile(join(directory, 'credctl.db'), async () => {
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
    });
    await expect(made).rejects.toEqual(failure('store_unavailable', /cannot create/));
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a directory', () => {
  it('in which others can write is no place for a new store', async () => {
    const directory = join(emptyDirectory(), 'open');
    mkdirSync(directory);
    withoutMask();
    chmodSync(directory, 0o777);
    const store = await openAt(join(directory, 'credctl.db'));
    await expect(note(store)).rejects.toEqual(failure('denied', /other users can change/, /chmod go-w/));
    expect(readdirSync(directory)).toEqual([]);
    expect(modeOf(directory)).toBe('777');
  });
});
