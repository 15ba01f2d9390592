// SPDX-License-Identifier: GPL-2.0-only
// What Stryker runs against each mutant: the parser's own tests, nothing that boots, and nothing that measures time,
// which tells mutants from each other by the load of the machine.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['results/formats/**/*.test.ts'],
    testNamePattern: /^(?!cost )/,
    testTimeout: 20_000,
  },
});
