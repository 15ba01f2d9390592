// SPDX-License-Identifier: GPL-2.0-only
// Records runs until it is killed, from where its predecessor was killed: node ingest-child.ts DIRECTORY
import { openStore } from '../../results/store/index.ts';
import { type GeneratedRun, generateHistory } from '../bench/generate.ts';

export const killedHistory = { seed: 3, runs: 100_000, branches: 1, variants: 2, tests: 20, subtests: 9 };

if (import.meta.main) {
  const store = await openStore(process.argv[2]!);
  const there = new Set((await store.runs({ limit: killedHistory.runs })).map(({ uuid }) => uuid));
  const record = async ({ start, tests, end }: GeneratedRun) => {
    const output = { kind: 'output' as const, content: Buffer.from(`what ${start.uuid} said\n`) };
    await store.addRun(start, [{ ...tests[0]!, logs: [output] }, ...tests.slice(1)], end);
  };
  let last: GeneratedRun | null = null;
  for (const run of generateHistory(killedHistory)) {
    if (there.has(run.start.uuid)) {
      last = run;
      continue;
    }
    // The last one may have been recorded and not told: it is sent again, as a sender would.
    if (last) await record(last);
    last = null;
    await record(run);
    process.stdout.write(`${run.start.uuid}\n`);
  }
}
