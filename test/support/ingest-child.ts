// SPDX-License-Identifier: GPL-2.0-only
// Records runs until it is killed, for ingest-killed.test.ts: node ingest-child.ts DIRECTORY
import { openStore } from '../../results/store/index.ts';
import { generateHistory } from '../bench/generate.ts';

export const killedHistory = { seed: 3, runs: 100_000, branches: 1, variants: 2, tests: 20, subtests: 9 };

if (import.meta.main) {
  const store = await openStore(process.argv[2]!);
  process.stdout.write('ready\n');
  for (const { start, tests, end } of generateHistory(killedHistory)) {
    const output = { kind: 'output' as const, content: Buffer.from(`what ${start.uuid} said\n`) };
    await store.addRun(start, [{ ...tests[0]!, logs: [output] }, ...tests.slice(1)], end);
    process.stdout.write(`${start.uuid}\n`);
  }
}
