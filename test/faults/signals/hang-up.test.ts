import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import { hasHandler, startedIn } from '../../support/program/started.js';
import { until } from '../../support/program/until.js';
import { MEMORY } from '../../support/program/workplace.js';

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

describe('a hang-up', () => {
  it('ends a command that waits for the store, as SIGTERM does', async () => {
    const lock = new Database(settled.place.store);
    lock.exec('begin immediate');
    try {
      const { child, ended } = startedIn(settled.place, ['edit', 'resident-key', '--description', 'text']);
      await until(() => hasHandler(child.pid ?? 0, 'SIGHUP'));
      child.kill('SIGHUP');
      expect(await ended).toMatchObject({ exitCode: null, signal: 'SIGTERM', stdout: '', stderr: '' });
    } finally {
      lock.close();
    }
  });

  it('ends one that waits for its input at once', async () => {
    const { child } = startedIn(settled.place, ['verify'], 'pipe');
    const pid = child.pid ?? 0;
    // read(2) of descriptor 0, as x86-64 and as arm64 number it.
    await until(() => /^(?:0|63) 0x0 /.test(readFileSync(`/proc/${pid}/syscall`, 'utf8')));
    child.kill('SIGHUP');
    expect(await once(child, 'exit')).toEqual([null, 'SIGHUP']);
  });
});
