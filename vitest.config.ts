// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['test/support/fuzz.ts'],
          include: ['{bin,vm,runner,results,dashboard}/**/*.test.ts'],
          testTimeout: process.env.MULTITAP_TEST_ALL ? 3_600_000 : 20_000,
          maxWorkers: availableParallelism(),
        },
      },
      {
        test: {
          name: 'program',
          include: ['test/**/*.test.ts'],
          // Real guests under TCG on small machines: patient, and few at a time. Much of it only waits.
          maxWorkers: 3,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
