import { defineConfig } from 'vitest/config';

/** Faults and races, each file in a process of its own: how long they take depends on the machine. */
const FAULTS = 'test/faults/**/*.test.ts';

export default defineConfig({
  test: {
    maxWorkers: 4,
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      {
        test: {
          name: 'faults',
          include: [FAULTS],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'all others',
          include: ['test/**/*.test.ts'],
          exclude: [FAULTS],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Loading what they test again for each file took as long as many of the files themselves.
          isolate: false,
        },
      },
    ],
  },
});
