import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { datedName, linkOrMove, publish, syncDirectory } from '../../src/files/atomic.js';
import { hasIdentity, isSameInode, lookAt } from '../../src/files/identity.js';
import { temporaryDirectory } from '../support/stores/stores.js';

/** A finished draft, and a path beside it that is free. */
function draftAndPath(): { readonly draft: string; readonly path: string } {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  const draft = join(directory.path, 'draft');
  writeFileSync(draft, 'finished', { mode: 0o600 });
  return { draft, path: join(directory.path, 'store.db') };
}

describe('a draft that is published', () => {
  it('has the path as a second name', () => {
    const { draft, path } = draftAndPath();
    expect(publish(draft, path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('finished');
    expect(isSameInode(lookAt(draft), lookAt(path))).toBe(true);
    expect(hasIdentity(path, lstatSync(draft))).toBe(true);
  });

  it('replaces nothing, neither a file nor a link that leads nowhere', () => {
    const { draft, path } = draftAndPath();
    writeFileSync(path, 'other');
    symlinkSync('nowhere', `${path}.link`);
    expect([publish(draft, path), publish(draft, `${path}.link`)]).toEqual([false, false]);
    expect(readFileSync(path, 'utf8')).toBe('other');
    expect(linkOrMove(draft, path)).toBe('taken');
    expect(readFileSync(draft, 'utf8')).toBe('finished');
  });

  it('fails with the error of the system, and leaves nothing, where its path cannot be', () => {
    const { draft, path } = draftAndPath();
    expect(() => publish(draft, join(path, 'below'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(existsSync(path)).toBe(false);
  });
});

describe('a directory', () => {
  it('is synced also where its file system cannot do that (EINVAL)', () => {
    expect(() => syncDirectory('/proc/self')).not.toThrow();
  });
});

describe('a dated name', () => {
  it('sorts by time, and is one that neither a database nor its log has', () => {
    const { path } = draftAndPath();
    const first = datedName(`${path}.replaced-`, 0);
    expect(first).toBe(`${path}.replaced-19700101T000000000Z`);
    expect(datedName(`${path}.replaced-`, 1) > first).toBe(true);
    writeFileSync(first, '');
    writeFileSync(`${first}-2-wal`, '');
    expect(datedName(`${path}.replaced-`, 0)).toBe(`${first}-3`);
  });
});
