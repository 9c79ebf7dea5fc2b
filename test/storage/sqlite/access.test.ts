import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStoreAt, storePlace } from '../../../src/storage/open.js';
import { newStorePlan, SQLITE, storeSystem } from '../../support/stores/stores.js';
import { failure } from '../fixtures.js';

const isRoot = process.geteuid?.() === 0;

/** The path of a store that was closed properly. */
async function storedAt(): Promise<string> {
  const files = await SQLITE.create();
  onTestFinished(() => files.dispose());
  await files.store.close();
  return files.path;
}

async function open(path: string): Promise<void> {
  const store = await openStoreAt(path, storeSystem(), {
    whenMissing: 'refuse',
    newStore: async () => newStorePlan(),
    onCreated: () => {},
  });
  await store.close();
}

function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  writeSync(openSync(path, 'r+'), bytes, 0, bytes.length, offset);
}

/** What is wrong with a file, and what a command that should use it as a store says. */
const REFUSED: readonly (readonly [string, (path: string) => void, unknown])[] = [
  ['an empty file', (path) => truncateSync(path), failure('store_unavailable', /is empty/)],
  [
    'a text file',
    (path) => writeFileSync(path, 'dear diary\n'.repeat(20)),
    failure('store_unavailable', /not a credctl store/, /was not changed/),
  ],
  [
    'a text file that others can read',
    (path) => {
      writeFileSync(path, 'dear: diary\n'.repeat(20));
      chmodSync(path, 0o644);
    },
    failure('store_unavailable', /not a credctl store/, /was not changed/),
  ],
  [
    'the database of another program',
    (path) => {
      truncateSync(path);
      const database = new Database(path);
      database.exec('create table diary (entry text)');
      database.close();
    },
    failure('store_unavailable', /not a credctl store/),
  ],
  [
    'a store of a newer version',
    (path) => {
      const database = new Database(path);
      database.pragma('user_version = 99');
      database.close();
    },
    failure('store_unavailable', /newer credctl \(schema 99\)/),
  ],
  [
    'a store of a schema that no release has made',
    (path) => {
      const database = new Database(path);
      database.pragma('user_version = 1');
      database.close();
    },
    failure('store_unavailable', /before the first release \(schema 1; .* is 2\)/),
  ],
  [
    'a store without a schema',
    (path) => {
      const database = new Database(path);
      database.pragma('user_version = 0');
      database.close();
    },
    failure('integrity'),
  ],
  [
    'a store with a damaged header',
    (path) => overwrite(path, 0, Buffer.from('damaged!')),
    failure('integrity', /damaged/),
  ],
  [
    'a store that lost its mark',
    (path) => overwrite(path, 68, Buffer.alloc(4)),
    failure('integrity', /damaged/),
  ],
  [
    'a symbolic link',
    (path) => {
      renameSync(path, `${path}.real`);
      symlinkSync(`${path}.real`, path);
    },
    failure('store_unavailable', /symbolic link/),
  ],
  [
    'a store with a second name',
    (path) => linkSync(path, `${path}.other`),
    failure('store_unavailable', /another name \(a hard link\)/, /find .* -samefile .* cp$/),
  ],
  [
    'a directory',
    (path) => {
      renameSync(path, `${path}.real`);
      mkdirSync(path);
    },
    failure('store_unavailable', /is a directory/),
  ],
  [
    'a store that the group can read',
    (path) => chmodSync(path, 0o640),
    failure('denied', /other users can read or write/, /chmod 600/),
  ],
  [
    'a store that others can write',
    (path) => chmodSync(path, 0o602),
    failure('denied', /other users can read or write/, /chmod 600/),
  ],
  [
    'a store in a directory that others can write',
    (path) => chmodSync(dirname(path), 0o777),
    failure('denied', /other users can change/, /chmod go-w/),
  ],
  [
    'a store with a log that others can read',
    (path) => writeFileSync(`${path}-wal`, '', { mode: 0o644 }),
    failure('denied', /other users can read or write .*-wal/),
  ],
  [
    'a store with a link in the place of its log',
    (path) => symlinkSync('/etc/hostname', `${path}-wal`),
    failure('denied', /-wal.* not a regular file/),
  ],
];

describe('a file that is no store for us', () => {
  it.each(REFUSED)('is refused untouched: %s', async (_what, spoil, refusal) => {
    const path = await storedAt();
    spoil(path);
    const contents = () => (statSync(path).isDirectory() ? '' : readFileSync(path).toString('latin1'));
    const before = [contents(), statSync(path).mtimeMs, statSync(path).mode];
    await expect(open(path)).rejects.toEqual(refusal);
    expect([contents(), statSync(path).mtimeMs, statSync(path).mode]).toEqual(before);
  });

  it.runIf(isRoot)('is refused: the store of another user', async () => {
    const path = await storedAt();
    chownSync(path, 65_534, 65_534);
    await expect(open(path)).rejects.toEqual(failure('denied', /belongs to another user/, /chown/));
  });

  it.runIf(isRoot).each([0o755, 0o1755, 0o1777])(
    'is refused: a store in the directory of another user with mode %o',
    async (mode) => {
      const path = await storedAt();
      chownSync(dirname(path), 65_534, 65_534);
      chmodSync(dirname(path), mode);
      await expect(open(path)).rejects.toEqual(failure('denied', /belongs to another user/));
    },
  );

  it('is named safely in the message, whatever its name', async () => {
    const path = join(dirname(await storedAt()), 'a\u001b[31m\nb.db');
    await expect(open(path)).rejects.toEqual(failure('store_unavailable', /^[ -~]*$/));
  });
});

describe('the URL of a store', () => {
  it.each([
    ['credctl.db', '/home/me/credctl.db'],
    ['./a/../credctl.db', '/home/me/credctl.db'],
    ['/srv/credctl.db', '/srv/credctl.db'],
    ['sqlite:/srv/credctl.db', '/srv/credctl.db'],
    ['sqlite:data/credctl.db', '/home/me/data/credctl.db'],
    ['./a:b', '/home/me/a:b'],
  ])('%s is the file %s', (url, path) => {
    expect(storePlace(url, () => '/home/me')).toBe(path);
  });

  it.each(['', 'sqlite:', 'a\0b', 'mysql://host/db', 'https://example.org/x.db'])('%j is refused', (url) => {
    expect(() => storePlace(url, () => '/home/me')).toThrow(failure('usage') as Error);
  });
});
