import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';

/** How many times the promised number of faults is tried, with `TEST_FAULTS=10`. */
const TIMES = Number(process.env['TEST_FAULTS']) || 1;

/** A machine that has other things to do may be slow; a test that hangs is still found out. */
const PATIENCE = { testTimeout: 600_000 * TIMES, hookTimeout: 300_000 };

/** What needs neither the built program nor a database: an answer within seconds. */
const UNIT = ['test/domain/**/*.test.ts', 'test/usecases/**/*.test.ts', 'test/*.test.ts'];

/** Faults and races, each file in a process of its own: how long they take depends on the machine. */
const FAULTS = ['test/faults/**/*.test.ts'];

/** In the gate faults are tried on a disk; otherwise all temporary files are in memory, where there is room. */
const ON_DISK = process.env['TEST_FAULTS'] === undefined ? {} : { env: { TMPDIR: tmpdir() } };

/** Loading what they test again for each file took as long as many of the files themselves. */
const SHARED = { ...PATIENCE, isolate: false, setupFiles: ['test/support/build/as-new.ts'] };

export default defineConfig({
  test: {
    maxWorkers: 5,
    globalSetup: ['test/support/build/global-setup.ts'],
    projects: [
      { test: { name: 'unit', include: UNIT, ...SHARED } },
      { test: { name: 'faults', include: FAULTS, ...PATIENCE, ...ON_DISK } },
      {
        test: { name: 'others', include: ['test/**/*.test.ts'], exclude: [...UNIT, ...FAULTS], ...SHARED },
      },
    ],
  },
});
