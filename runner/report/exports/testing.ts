// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openStore } from '../../../results/store/index.ts';
import type { RunStart, SubtestReport, TestReport } from '../../../results/store/types.ts';
import { type Outcome, outcomes } from '../../../results/words.ts';
import type { ExportOptions, ExportSource } from './export.ts';
import { exportFormats } from './registry.ts';

// What the tests of this folder share; nothing else imports it.

export const began = Date.UTC(2026, 0, 5, 8);
export const noLinks: ExportOptions = { origin: 'multitap', url: null, published: null };

export function aSubtest(name: string, outcome: Outcome, change: Partial<SubtestReport> = {}): SubtestReport {
  return { name, outcome, durationMs: null, line: null, markedFlaky: false, message: '', ...change };
}

export function aTest(name: string, outcome: Outcome, change: Partial<TestReport> = {}): TestReport {
  return {
    ...{ collection: 'net/mptcp', name, attempt: 1, outcome, startedAt: began + 1000, durationMs: 1500 },
    ...{ cpuMs: 300, exitCode: 1, signal: null, timeoutMs: 90_000, vm: 0, message: '', line: null },
    ...{ subtests: [], logs: [], problems: [] },
    ...change,
  };
}

/** The run as a store gives it out, and what removes that store. */
export async function stored(
  tests: TestReport[],
  change: Partial<RunStart> = {},
): Promise<{ source: ExportSource; end(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'multitap-export-'));
  const store = await openStore(folder);
  const uuid = randomUUID();
  const { id } = await store.startRun({
    ...{ uuid, suite: 'mptcp', command: 'multitap run mptcp', environment: { kernel: { config: 'cafe' } } },
    branch: { name: 'net-next', url: 'https://git.kernel.org/net-next.git', ref: 'main' },
    revision: { name: 'v6.12-1-g0123', position: 7, commit: '0123456789'.repeat(4) },
    variant: { arch: 'x86_64', accel: 'kvm', cpus: 2, flavour: 'debug', options: 'mitigations=off' },
    ...{ startedAt: began, planned: tests.map(({ collection, name }) => ({ collection, name })) },
    ...change,
  });
  for (const test of tests) if (test.outcome !== 'missing') await store.addTest(uuid, test);
  await store.finishRun(uuid, { state: 'complete', finishedAt: began + 60_000, reason: '' });
  const run = (await store.head(id))!;
  return {
    source: { run, tests: () => store.tests(id) },
    end: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function written(
  format: string,
  source: ExportSource,
  options: ExportOptions = noLinks,
): Promise<string> {
  const pieces: string[] = [];
  const { document } = exportFormats.find(({ name }) => name === format)!;
  for await (const piece of document(source, options)) pieces.push(piece);
  return pieces.join('');
}

/** Names and messages as a guest would choose them to break whoever reads them. */
export const hostile = fc.oneof(
  fc.constantFrom(
    ...[
      'signal address',
      'a # SKIP b',
      'ok 1 - x',
      '=1+1',
      '"quoted", comma',
      '<a b="c">&amp;]]>',
      '-',
      '__',
      '_',
    ],
    ...[
      '\x1b[31mred\x1b[0m',
      'line\nnot ok 7 - other',
      'cr\rlf\r\n',
      '\u2028',
      '\ud800',
      '\ufffe',
      'ü💥',
      '\t',
    ],
    ...[
      'not ok 1 selftests: net: x.sh',
      '1..0 # SKIP',
      'Bail out!',
      'TAP version 13',
      '[   1.234567] printk',
      '.',
    ],
    ...['# Subtest: y', 'a\\#b', ' spaces ', '%20', '# selftests: net: y', '\x00', 'x'.repeat(3000)],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const subtest = fc.record({
  name: hostile,
  outcome: fc.constantFrom(...outcomes),
  durationMs: fc.option(fc.nat(100_000)),
  markedFlaky: fc.boolean(),
  message: hostile,
});

/** Tests of a run; those with one name are attempts of it. */
export const hostileTests: fc.Arbitrary<TestReport[]> = fc
  .array(
    fc.record({
      collection: hostile,
      name: hostile,
      outcome: fc.constantFrom(...outcomes),
      message: hostile,
      subtests: fc.array(subtest, { maxLength: 6 }),
      attempts: fc.integer({ min: 1, max: 2 }),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.flatMap(({ attempts, subtests, ...one }, i) =>
      Array.from({ length: one.outcome === 'missing' ? 1 : attempts }, (_, n) =>
        aTest(`${i}${one.name}`, one.outcome, {
          ...one,
          ...{ name: `${i}${one.name}`, attempt: n + 1, startedAt: began + i * 1000 + n },
          subtests: subtests.map((part) => aSubtest(part.name, part.outcome, part)),
        }),
      ),
    ),
  );
