// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseWhole } from '../../../results/formats/registry.ts';
import { tap } from '../../../results/formats/tap/index.ts';
import type { TestReport } from '../../../results/store/types.ts';
import { isBad, type Outcome, outcomes } from '../../../results/words.ts';
import { aSubtest, aTest, hostileTests, stored, written } from './testing.ts';

const parse = (text: string) => parseWhole(tap, Buffer.from(text));

/** What comes back: KTAP has no words for what did not come to an end. */
const back = (outcome: Outcome): Outcome => (outcome === 'crash' || outcome === 'error' ? 'fail' : outcome);

type Kept = { outcome: Outcome; subtests: { outcome: Outcome }[] };

/** A test that says that all is well has failed for a reader where something nested in it has. */
function backWith({ outcome, subtests }: Kept): Outcome {
  const bad = subtests.map((one) => one.outcome).filter(isBad);
  if (!['pass', 'skip'].includes(outcome) || bad.length === 0) return back(outcome);
  return bad.every((one) => one === 'xpass') ? 'xpass' : 'fail';
}

async function exported(tests: TestReport[]): Promise<string> {
  const { source, end } = await stored(tests);
  onTestFinished(end);
  return written('ktap', source);
}

test('reads like a runner’s document', async () => {
  const text = await exported([
    aTest('a.sh', 'fail', {
      message: 'exit code 1\nnot ok 3 selftests: net: z.sh',
      subtests: [
        aSubtest('first', 'pass', { durationMs: 46 }),
        aSubtest('lost', 'missing'),
        aSubtest('no # directive', 'fail', { message: 'why' }),
        aSubtest('flaky', 'xfail', { markedFlaky: true }),
      ],
    }),
    aTest('b.sh', 'missing'),
    aTest('c.sh', 'timeout', { attempt: 1 }),
    aTest('c.sh', 'pass', { attempt: 2, exitCode: 0, startedAt: Date.UTC(2027, 0) }),
  ]);
  expect(text.split('\n').map((line) => line.replace(/run [0-9a-f-]{36}/, 'run UUID'))).toEqual([
    'TAP version 13',
    '1..3',
    '# | net-next v6.12-1-g0123 (x86_64 kvm 2cpu debug mitigations=off), run UUID',
    '# timeout set to 90',
    '# selftests: net/mptcp: a.sh',
    '# # | exit code 1',
    '# # | not ok 3 selftests : net: z.sh',
    '# TAP version 13',
    '# 1..4',
    '# ok 1 - first # time=46ms',
    '# # | why',
    '# not ok 2 - no \\# directive',
    '# ok 3 - flaky # IGNORE Flaky',
    '#   # Subtest: lost',
    'not ok 1 selftests: net/mptcp: a.sh # exit=1',
    '# timeout set to 90',
    '# selftests: net/mptcp: c.sh',
    '# # | attempt 1: timeout',
    'ok 2 selftests: net/mptcp: c.sh',
    '# selftests: net/mptcp: b.sh',
    '# # | planned, but never reported',
    '',
  ]);
});

test('every outcome of a test and of a subtest is read back', async () => {
  const tests = outcomes.map((outcome, i) =>
    aTest(`${i}.sh`, outcome, { subtests: outcomes.map((one) => aSubtest(`is ${one}`, one)) }),
  );
  const document = parse(await exported(tests));
  const found = new Map(document.tests.map((one) => [one.name, one]));
  for (const [i, outcome] of outcomes.entries()) {
    const one = found.get(`${i}.sh`)!;
    expect(one.outcome).toBe(backWith({ outcome, subtests: outcomes.map((sub) => ({ outcome: sub })) }));
    // What was never run has nothing in it.
    const subtests = outcome === 'missing' ? [] : outcomes.map((sub) => [`is ${sub}`, back(sub)]);
    expect(new Map(one.subtests.map((sub) => [sub.name, sub.outcome]))).toEqual(new Map(subtests as []));
  }
});

test('whatever names and messages are, as many results with the same outcomes are read back', async () => {
  const summary = (list: Kept[]) =>
    list
      .map(({ outcome, subtests }) =>
        [backWith({ outcome, subtests }), ...subtests.map((one) => back(one.outcome)).sort()].join(' '),
      )
      .sort();
  await fc.assert(
    fc.asyncProperty(hostileTests, async (tests) => {
      const { source, end } = await stored(tests);
      try {
        const there: Kept[] = [];
        for await (const attempts of source.tests()) there.push(attempts.at(-1)!);
        expect(summary(parse(await written('ktap', source)).tests)).toEqual(summary(there));
      } finally {
        await end();
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);
