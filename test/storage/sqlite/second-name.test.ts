import { chmodSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import { initStoreAt } from '../../../src/storage/open.js';
import { openImage } from '../../../src/storage/sqlite/file/image.js';
import { library } from '../../support/build/library.js';
import { ENDED, FOREIGN, leftoverName, OWN } from '../../support/stores/leftover-names.js';
import { newStorePlan, storeSystem } from '../../support/stores/stores.js';
import { emptyDirectory, note, openAt } from '../files.js';
import { failure } from '../fixtures.js';

const REFUSED = failure('store_unavailable', /another name \(a hard link\)/, /-samefile .* cp$/);

async function made(): Promise<string> {
  const path = join(emptyDirectory(), 'credctl.db');
  await (await initStoreAt(path, storeSystem(), newStorePlan())).close();
  return path;
}

/** Gives a store another name, in a directory that is made where it is missing. */
function link(path: string, name: string): void {
  const second = join(dirname(path), name);
  mkdirSync(dirname(second), { recursive: true, mode: 0o700 });
  linkSync(path, second);
}

describe('a store with a second name', () => {
  it('is refused by both, for looking as for changing, until one is gone', async () => {
    const path = await made();
    const other = `${path}.other`;
    linkSync(path, other);
    for (const name of [path, other]) {
      for (const whenMissing of ['read-as-empty', 'create-on-write', 'refuse'] as const)
        await expect(openAt(name, { whenMissing })).rejects.toEqual(REFUSED);
    }
    rmSync(path);
    await note(await openAt(other));
  });

  it('is refused where it is looked at without being written', async () => {
    const path = await made();
    linkSync(path, `${path}.other`);
    await expect(openImage(path, () => new CredctlError('store_unavailable', 'unused'))).rejects.toThrow(
      REFUSED as Error,
    );
  });

  it('is refused by the verifier of the library', async () => {
    const path = await made();
    linkSync(path, `${path}.other`);
    expect(() => library.createVerifier(path)).toThrow(REFUSED as Error);
  });

  it('is refused also where its directory cannot be listed', async () => {
    const path = await made();
    linkSync(path, join(emptyDirectory(), 'other.db'));
    chmodSync(dirname(path), 0o300);
    onTestFinished(() => chmodSync(dirname(path), 0o700));
    await expect(openAt(path)).rejects.toEqual(REFUSED);
  });
});

describe('a second name that this program gives a store for a moment', () => {
  it.each([
    ...[OWN, ENDED, FOREIGN].map((mark) => leftoverName('credctl.db', mark, 'new')),
    ...[OWN, ENDED, FOREIGN].map((mark) => `${leftoverName('credctl.db', mark, 'draft')}/draft.db`),
    '.credctl.db.copy/draft.db',
    'credctl.db.replaced-20260101T000000000Z',
  ])('keeps nobody from the store, also when its maker was killed: %s', async (name) => {
    const path = await made();
    link(path, name);
    await note(await openAt(path, { whenMissing: 'refuse' }));
    linkSync(path, `${path}.other`);
    await expect(openAt(path)).rejects.toEqual(REFUSED);
  });

  it('does not open the store itself', async () => {
    const path = await made();
    const kept = `${path}.replaced-20260101T000000000Z`;
    link(path, basename(kept));
    await expect(openAt(kept)).rejects.toEqual(REFUSED);
  });
});
