import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';
import { sqliteOfTests } from './test/support/build/sqlite-under-test.js';

/** How many times the promised number of faults is tried, with `TEST_FAULTS=10`. */
const TIMES = Number(process.env['TEST_FAULTS']) || 1;

/** A machine that has other things to do may be slow; a test that hangs is still found out. */
const PATIENCE = { testTimeout: 600_000 * TIMES, hookTimeout: 300_000 };

/** What needs neither the built program nor a database: an answer within seconds. */
const UNIT = ['test/domain/**/*.test.ts', 'test/usecases/**/*.test.ts', 'test/*.test.ts'];

/** Faults and races: how long they take depends on the machine. */
const FAULTS = ['test/faults/**/*.test.ts'];

/** In the gate faults are tried on a disk; otherwise all temporary files are in memory, where there is room. */
const ON_DISK = process.env['TEST_FAULTS'] === undefined ? {} : { env: { TMPDIR: tmpdir() } };

/** Most of the time of a test is a process that it waits for. */
const WAITING = { maxWorkers: 5, sequence: { groupOrder: 1 } };

/** Unit tests wait for nothing; each worker more than there are processors loads and compiles everything once more. */
const BUSY = { maxWorkers: 2, sequence: { groupOrder: 0 } };

/** Loading what they test again for each file took as long as many of the files themselves. */
const SHARED = { ...PATIENCE, isolate: false, setupFiles: ['test/support/build/as-new.ts'] };

const plugins = [sqliteOfTests];

export default defineConfig({
  test: {
    globalSetup: ['test/support/build/global-setup.ts'],
    projects: [
      { plugins, test: { name: 'unit', include: UNIT, ...SHARED, ...BUSY } },
      { plugins, test: { name: 'faults', include: FAULTS, ...SHARED, ...WAITING, ...ON_DISK } },
      {
        plugins,
        test: {
          name: 'others',
          include: ['test/**/*.test.ts'],
          exclude: [...UNIT, ...FAULTS],
          ...SHARED,
          ...WAITING,
        },
      },
    ],
  },
});
