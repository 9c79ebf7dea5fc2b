import { copyFileSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { SCHEMA_NUMBER } from '../../../src/storage/schema/number.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultSample } from '../../support/faults/fault-numbers.js';
import { injecting, traced } from '../../support/faults/faulty-calls.js';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { privateMount } from '../../support/faults/private-mount.js';
import { openPostgresSession } from '../../support/postgres/session.js';
import { credctl, documentOf, PROGRAM, runIn } from '../../support/program/real-program.js';
import type { Workplace } from '../../support/program/workplace.js';
import { backupsIn, NEXT } from '../../support/stores/next-version.js';
import { faultsIn, probing } from '../../support/stores/store-probe.js';
import { useOlderStore } from './older-store.js';

const older = useOlderStore();

const MIGRATE = ['store', 'migrate'];

const later = (of: Workplace, argv: readonly string[]) => older.next.run(of, argv);
const wholeAs = (of: Workplace) => older.next.wholeAs(of);

describe('a store in a file that an older version has made', () => {
  it('is migrated after a backup that the older version can use', async () => {
    const document = documentOf<{ migration: { backup: string } }>(
      mustSucceed(await later(older.place, [...MIGRATE, '--json', '--reason', 'update'])),
    );
    const { backup } = document.migration;
    expect(document).toEqual({
      schema_version: 1,
      migration: { from: SCHEMA_NUMBER, to: NEXT, migrated: true, backup },
    });
    expect(backupsIn(older.place)).toEqual([backup.slice(older.place.storeDirectory.length + 1)]);
    expect((lstatSync(backup).mode & 0o7777).toString(8)).toBe('600');
    await probing({ store: backup }, async (probe) => expect(await faultsIn(probe)).toEqual([]));

    expect(await wholeAs(older.place)).toBe(NEXT);
    expect(mustSucceed(await later(older.place, ['audit', '--limit', '1'])).stdout).toContain(
      '\tstore.migrate\tstore\tupdate',
    );
    const old = await credctl(older.place, ['list']);
    expect(old).toMatchObject({ exitCode: 8 });
    expect(old.stderr).toContain(`was written by a newer credctl (schema ${NEXT})`);
    const again = mustSucceed(await later(older.place, MIGRATE));
    expect(again.stderr).toBe(`the store has schema ${NEXT}; there is nothing to do\n`);
    expect(backupsIn(older.place)).toHaveLength(1);
  });

  it('is no longer written to by an older program that has it open meanwhile', async () => {
    await probing(older.place, async ({ store }) => {
      mustSucceed(await later(older.place, MIGRATE));
      await expect(store.write(async (tx) => tx.settings())).rejects.toThrow('migrated by a newer credctl');
    });
  });

  it('is migrated once, however many begin at the same time', async () => {
    const ended = await concurrently(times(6), () => later(older.place, [...MIGRATE, '--json']));
    for (const each of ended) mustSucceed(each);
    const done = ended.filter(
      (each) => documentOf<{ migration: { migrated: boolean } }>(each).migration.migrated,
    );
    expect(done).toHaveLength(1);
    expect(backupsIn(older.place)).toHaveLength(1);
    expect(
      mustSucceed(await later(older.place, ['audit', 'export'])).stdout.split('"store.migrate"'),
    ).toHaveLength(2);
    expect(await wholeAs(older.place)).toBe(NEXT);
  });

  it('is not migrated while its trail is altered, nor when it is damaged', async () => {
    const database = new Database(older.place.store);
    database.exec("update audit_event set actor = 'mallory' where seq = 2");
    database.close();
    const ended = await later(older.place, MIGRATE);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 9 });
    expect(ended.stderr).toContain('altered at event 2');
    expect(backupsIn(older.place)).toEqual([]);
    expect(readdirSync(older.place.storeDirectory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.each([[MIGRATE], [['list']]])(
    'is the old one or the new one, wherever its migration is killed: %s',
    async (argv) => {
      const calls = ['/^fsync$', '/^fdatasync$', '/^link(at)?$', '/^pwrite64$', '/^unlink(at)?$'];
      const injections = faultSample(
        calls.flatMap((call) => [1, 3, 8].map((n) => ({ call, n }))),
        6,
      );
      const outcomes = await concurrently(injections, async (at) => {
        const of = older.copy();
        try {
          await traced(of, argv, injecting(at, 'signal=SIGKILL'), { program: older.next.program });
          const schema = await wholeAs(of);
          if (schema === SCHEMA_NUMBER) mustSucceed(await later(of, MIGRATE));
          if (schema === SCHEMA_NUMBER) expect(await wholeAs(of)).toBe(NEXT);
          expect(readdirSync(of.storeDirectory).filter((name) => name.startsWith('.'))).toEqual([]);
          return schema;
        } finally {
          of.remove();
        }
      });
      expect(new Set(outcomes)).toEqual(new Set([SCHEMA_NUMBER, NEXT]));
    },
  );

  it('stays as it is when the disk is full, before the backup or after it', async () => {
    const disk = await privateMount(1_536);
    try {
      copyFileSync(older.place.store, join(disk.view, 'credctl.db'));
      const flags = ['--store', join(disk.directory, 'credctl.db')];
      const run = (program: string, argv: readonly string[]) =>
        runIn(older.place, disk.inside([process.execPath, program, ...argv, ...flags]));
      const refused: number[] = [];
      for (let free = 0; ; free += 48) {
        disk.sh(`rm -f "$1/filler"; cat /dev/zero > "$1/filler" 2> /dev/null || true
          truncate -s -${free}k "$1/filler"`);
        const ended = await run(older.next.program, MIGRATE);
        if (ended.exitCode === 0) break;
        refused.push(free);
        expect(ended, ended.stderr).toMatchObject({ exitCode: 8 });
        expect(ended.stderr).toMatch(
          /^credctl: no space left for [^\n]+\nhint: [^\n]*free some disk space[^\n]+\n$/,
        );
        disk.sh('rm "$1/filler"');
        const left = readdirSync(disk.view).filter((name) => !/^credctl\.db(-wal|-shm)?$/.test(name));
        expect(left).toEqual([]);
        if (refused.length === 1) {
          // Where it cannot be migrated, it can be looked at.
          disk.sh('cat /dev/zero > "$1/filler" 2> /dev/null || true');
          const looked = mustSucceed(await run(older.next.program, ['owner', 'list']));
          expect(looked.stdout).toContain('team');
          expect(looked.stderr).toMatch(/^note: this command works on a copy in memory: no space left for /);
          disk.sh('rm "$1/filler"');
        }
        expect(
          (await runIn(older.place, disk.inside([process.execPath, PROGRAM, 'list', ...flags]))).exitCode,
        ).toBe(0);
      }
      expect(refused.length).toBeGreaterThan(3);
      disk.sh('rm -f "$1/filler"');
      mustSucceed(await run(older.next.program, ['store', 'check']));
    } finally {
      disk.remove();
    }
  });

  it('can be restored from a backup that the older version has made', async () => {
    mustSucceed(await credctl(older.place, ['store', 'backup', older.place.output('old.db')]));
    const rescued = ['--store', older.place.output('rescued.db')];
    mustSucceed(
      await later(older.place, ['store', 'restore', older.place.output('old.db'), '--trust', ...rescued]),
    );
    mustSucceed(await later(older.place, ['store', 'check', ...rescued]));
    expect(mustSucceed(await later(older.place, ['store', 'info', ...rescued])).stdout).toMatch(
      new RegExp(`schema: +${NEXT}\n`),
    );
  });
});

describe('a store in PostgreSQL that an older version has made', () => {
  it('is migrated when that is asked for, in one transaction, once', async () => {
    const session = await openPostgresSession();
    const { workspace } = session;
    await session.ok('owner', 'create', 'team', '--kind', 'service');
    await session.issue('bot');
    const run = (...argv: readonly string[]) =>
      session.sh(`exec "$NODE" "$NEXT" ${argv.join(' ')}`, {
        env: { NODE: process.execPath, NEXT: older.next.program },
      });
    for (const argv of [['list'], ['owner', 'list'], ['show', 'bot'], ['audit'], ['store', 'info']]) {
      expect(await run(...argv)).toEqual({ exitCode: 0, stdout: await session.ok(...argv), stderr: '' });
    }
    for (const argv of [
      ['owner', 'create', 'crm', '--kind', 'service'],
      ['store', 'check'],
    ]) {
      const ended = await run(...argv);
      expect(ended, ended.stderr).toMatchObject({ exitCode: 8, stdout: '' });
      expect(ended.stderr).toMatch(
        new RegExp(
          `made by an older credctl \\(schema ${SCHEMA_NUMBER}; .*\nhint: .*credctl store migrate\n$`,
        ),
      );
    }
    const dry = await run('store', 'migrate', '--dry-run');
    expect(dry.stderr).toBe(
      `the store would be migrated from schema ${SCHEMA_NUMBER} to ${NEXT}\nmake a backup first: pg_dump\n`,
    );

    // Killed before the end, it is the old one: a row lock on the head keeps the migration waiting.
    const schema = async () =>
      (await session.database.ask<{ value: number }>('select value from schema_number'))[0]?.value;
    await session.database.ask('begin; select 1 from audit_head for update');
    const killed = await session.sh(`timeout -s KILL 2 "$NODE" "$NEXT" store migrate`, {
      env: { NODE: process.execPath, NEXT: older.next.program },
    });
    await session.database.ask('rollback');
    expect(killed.exitCode).not.toBe(0);
    expect(await schema()).toBe(SCHEMA_NUMBER);
    expect(await session.ok('list')).toContain('bot');

    const ended = await concurrently(times(4), () => run('store', 'migrate', '--json'));
    for (const { exitCode, stderr } of ended) expect(exitCode, stderr).toBe(0);
    const done = ended.filter(({ stdout }) => stdout.includes('"migrated":true'));
    expect(done).toHaveLength(1);
    expect(await schema()).toBe(NEXT);
    expect(await session.database.ask('select note from owner_note')).toEqual([{ note: 'team' }]);
    const check = await run('store', 'check');
    expect(check.exitCode, check.stdout).toBe(0);
    expect((await run('audit', '--limit', '1')).stdout).toContain('\tstore.migrate\t');
    expect((await session.refused(8, ['list'])).message).toContain(`newer credctl (schema ${NEXT})`);
    expect(readdirSync(workspace.directory)).toEqual([]);
  });
});
