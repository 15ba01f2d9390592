// SPDX-License-Identifier: GPL-2.0-only
// What Stryker runs against each mutant: the parser's own tests, nothing that boots.
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['results/formats/**/*.test.ts'], testTimeout: 20_000 } });
