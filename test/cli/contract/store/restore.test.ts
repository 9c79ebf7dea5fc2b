import { chmodSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../../support/dependencies/presented.js';
import { openSession } from '../../../support/program/run.js';
import { listDocument } from '../output/shapes.js';
import { reseal } from './altered-backup.js';
import { expectSound, RESTORE, restoreDocument } from './restoring.js';

describe('store restore, into a sound store', () => {
  it('brings properties back, and revives nothing that was taken away', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.ok('owner', 'create', 'left', '--kind', 'service');
    const secrets: Record<string, string> = {};
    for (const name of ['same', 'deleted', 'rotated', 'stopped', 'leaked'])
      secrets[name] = await session.issue(name);
    secrets['narrowed'] = await session.issue('narrowed', '--scope', 'events:messages');
    secrets['owned'] = await session.issue('owned', '--owner', 'crm');
    secrets['orphan'] = await session.issue('orphan', '--owner', 'left');
    secrets['expiring'] = await session.issue('expiring');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('edit', 'same', '--name', 'renamed', '--description', 'new', '--label', 'new=1');
    await session.ok('delete', 'deleted', '--yes');
    const next = (await session.ok('rotate', 'rotated', '--grace', '0', '-q')).trim();
    const safe = (await session.ok('rotate', 'leaked', '--now', '-q')).trim();
    await session.ok('deactivate', 'stopped');
    await session.ok('edit', 'narrowed', '--remove-scope', 'data:users');
    await session.ok('owner', 'deactivate', 'crm');
    await session.ok('owner', 'delete', 'left', '--yes');
    await session.ok('edit', 'expiring', '--expires-in', '1h');
    const created = await session.issue('created-since');
    const head = /head: (\w+)/.exec(await session.ok('audit', 'verify'))?.[1] ?? '';

    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored).toMatchObject({
      known_from: 'present-store',
      new_id: false,
      credentials: 8,
      still_deleted: ['deleted'],
      removed: ['created-since'],
      deactivated: [],
      without_secret: [],
      audit_continued: true,
      catalog_kept: false,
    });
    expect(restored.withheld).toEqual([
      { name: 'expiring', what: ['expiry'] },
      { name: 'narrowed', what: ['scopes'] },
      { name: 'orphan', what: ['status', 'owner'] },
      { name: 'stopped', what: ['status'] },
    ]);
    const { credentials } = await session.json(listDocument, 'list');
    const same = credentials.find(({ name }) => name === 'same');
    expect(same).toMatchObject({ description: null, labels: {}, revision: 3 });
    const verdicts: Record<string, string> = {};
    for (const [name, secret] of Object.entries({ ...secrets, next, safe, created })) {
      verdicts[name] = await verdictOn(session, secret);
    }
    expect(verdicts).toEqual({
      same: 'valid',
      deleted: 'deleted',
      rotated: 'version_retired',
      stopped: 'inactive',
      leaked: 'version_retired',
      narrowed: 'valid',
      owned: 'owner_inactive',
      orphan: 'inactive',
      expiring: 'valid',
      // Restore keeps the newest versions: clients that have switched go on working.
      next: 'valid',
      safe: 'valid',
      created: 'deleted',
    });
    expect(credentials.find(({ name }) => name === 'narrowed')?.scopes).toEqual(['events:messages']);
    expect(credentials.find(({ name }) => name === 'expiring')?.expires_at).not.toBeNull();
    // A head hash noted between backup and restore is still part of the trail.
    expect((await session.run(['audit', 'verify', '--head', head])).exitCode).toBe(0);
    await expectSound(session);
  });

  it('is recorded, keeps what it replaces, and lets running processes notice', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const generation = () => {
      const database = new Database(session.workspace.defaultStore, { readonly: true });
      const value = database.prepare<[], { value: number }>('select value from generation').get()?.value ?? 0;
      database.close();
      return value;
    };
    const before = generation();
    const inode = statSync(session.workspace.defaultStore).ino;
    const { restored } = await session.json(restoreDocument, ...RESTORE, '--reason', 'drill');
    expect(generation()).toBeGreaterThan(before);
    expect(statSync(session.workspace.defaultStore).ino).toBe(inode);
    expect((statSync(restored.kept_as ?? '').mode & 0o7777).toString(8)).toBe('600');
    expect(await verdictOn(session, secret, { flags: ['--store', restored.kept_as ?? ''] })).toBe('valid');
    expect(await session.ok('audit', '--action', 'store.restore')).toContain('\tdrill');
    const files = readdirSync(dirname(session.workspace.defaultStore));
    expect(files.every((name) => name.startsWith('credctl.db'))).toBe(true);
    await expectSound(session);
  });

  it('gives names back that were exchanged, and can be done again and again', async () => {
    const session = await openSession();
    const one = await session.issue('one');
    await session.issue('two');
    await session.ok('store', 'backup', 'b.db');
    for (const [from, to] of [
      ['one', 'three'],
      ['two', 'one'],
      ['three', 'two'],
    ] as const) {
      await session.ok('edit', from, '--name', to);
    }
    for (const _ of [1, 2]) {
      await session.json(restoreDocument, ...RESTORE);
      expect(await verdictOn(session, one)).toBe('valid');
      const { stdout } = await session.run(['verify'], { stdin: one });
      expect(stdout).toMatch(/^valid: one,/);
      await expectSound(session);
    }
  });

  it('does not take a copy beside it that others can read for damage', async () => {
    const session = await openSession();
    const secret = await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    const first = await session.json(restoreDocument, ...RESTORE);
    chmodSync(first.restored.kept_as ?? '', 0o644);
    expect((await session.run(['store', 'check'])).exitCode).toBe(9);
    const second = await session.json(restoreDocument, ...RESTORE);
    expect(second.restored.known_from).toBe('present-store');
    expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('keeps the catalog of today, and says so', async () => {
    const session = await openSession();
    await session.ok('store', 'init');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('catalog', 'use', 'mparticle', '--yes');
    const { restored } = await session.json(restoreDocument, ...RESTORE);
    expect(restored.catalog_kept).toBe(true);
    expect(await session.ok('catalog', 'show')).toContain('mparticle');
  });

  it('asks for --force, then for the name to be typed, and changes nothing before', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'backup', 'b.db');
    await session.ok('edit', 'ci-bot', '--description', 'new');
    await session.refused(5, ['store', 'restore', 'b.db']);
    await session.refused(5, ['store', 'restore', 'b.db', '--yes']);
    const { exitCode, stderr } = await session.run(['store', 'restore', 'b.db', '--force']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('add --yes to confirm');
    expect((await session.json(listDocument, 'list')).credentials[0]?.description).toBe('new');
    expect(readdirSync(dirname(session.workspace.defaultStore))).toEqual(['credctl.db']);
  });

  it('refuses a backup of another store, and one whose history is not the store’s', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('store', 'init', '--store', 'other.db');
    await session.ok('store', 'backup', 'b.db', '--store', 'other.db');
    await session.refused(5, [...RESTORE]);
    await session.ok('store', 'backup', 'fork.db', '--force');
    await session.ok('edit', 'ci-bot', '--description', 'in a fork', '--store', 'fork.db');
    reseal(session.workspace.path('fork.db'));
    const { hint } = await session.refused(9, ['store', 'restore', 'fork.db', '--force', '--yes']);
    expect(hint).toContain('move the store away first');
    await expectSound(session);
  });
});
