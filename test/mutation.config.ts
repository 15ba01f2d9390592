// SPDX-License-Identifier: GPL-2.0-only
// What Stryker runs against each mutant: the parser's own tests, nothing that boots, nothing that measures time, which
// tells mutants from each other by the load of the machine, and nothing random, with which the score changes by itself.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['results/formats/tap/**/*.test.ts'],
    testNamePattern: /^(?!cost |any input |round trip )/,
    testTimeout: 20_000,
    // No test changes what another one imports: it need not be imported again for each file and mutant.
    isolate: false,
  },
});
