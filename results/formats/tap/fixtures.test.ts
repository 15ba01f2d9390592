// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { countOutcomes } from '../../words.ts';
import type { ParsedDocument, ParsedTest } from '../format.ts';
import { parseWhole } from '../registry.ts';
import { fixture, outline } from '../testing.ts';
import { tap } from './index.ts';

function counts(tests: readonly ParsedTest[]): object {
  const all = Object.entries(countOutcomes(tests.map(({ outcome }) => outcome)));
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

const load = (name: string): ParsedDocument => parseWhole(tap, fixture(name));

test('pm_netlink.sh in the runner', () => {
  const document = load('runner-pm_netlink.tap');
  expect(document).toMatchObject({ plan: 1, complete: true, problems: [], bailOut: null });
  expect(document.tests).toHaveLength(1);
  const [runner] = document.tests;
  expect(runner).toMatchObject({ collection: 'net/mptcp', name: 'pm_netlink.sh', outcome: 'pass', line: 53 });
  expect(counts(runner!.subtests)).toEqual({ pass: 22 });
  expect(runner!.subtests[0]).toMatchObject({
    name: 'pm_netlink: defaults addr list',
    number: 1,
    collection: null,
  });
  expect(runner!.subtests.every(({ durationMs }) => durationMs !== null)).toBe(true);
});

test('pm_netlink.sh by itself', () => {
  const document = load('body-pm_netlink.tap');
  expect(counts(document.tests)).toEqual({ pass: 22 });
  const names = load('runner-pm_netlink.tap').tests[0]!.subtests.map(({ name }) => name);
  expect(document.tests.map(({ name }) => name)).toEqual(names);
});

test('simult_flows.sh: failures come with what was said about them', () => {
  const [runner] = load('runner-simult_flows-failed.tap').tests;
  expect(runner).toMatchObject({ outcome: 'fail', exitCode: 1 });
  expect(counts(runner!.subtests)).toEqual({ pass: 5, fail: 4, xfail: 1 });
  const [third, flaky] = [runner!.subtests[2]!, runner!.subtests[4]!];
  expect(third.diagnostics[0]).toMatchObject({
    line: 7,
    text: expect.stringMatching(/^03 balanced.*\[FAIL\]$/),
  });
  expect(third.diagnostics.length).toBeLessThanOrEqual(20);
  expect(third.diagnostics.every(({ line }) => line >= 7 && line < 25)).toBe(true);
  expect(flaky).toMatchObject({ outcome: 'xfail', markedFlaky: true, durationMs: 14551, reason: 'Flaky' });
  expect(flaky.diagnostics[0]?.text).toContain('[IGNO] (flaky)');
});

test('the same body alone, as we run tests', () => {
  const inRunner = fixture('runner-simult_flows-failed.tap').toString();
  const body = inRunner
    .split('\n')
    .slice(4, -2)
    .map((line) => line.replace(/^# /, ''));
  const document = parseWhole(tap, Buffer.from(body.join('\n')));
  const [runner] = load('runner-simult_flows-failed.tap').tests;
  expect(document).toMatchObject({ plan: 10, complete: true, problems: [] });
  const shifted = (test: ParsedTest, by: number) => ({
    ...test,
    line: test.line + by,
    lastLine: test.lastLine + by,
    diagnostics: test.diagnostics.map(({ line, text }) => ({ line: line + by, text })),
  });
  expect(document.tests.map((test) => shifted(test, 4))).toEqual(runner!.subtests);
});

test('diag.sh: a subtest that timed out, one that was skipped', () => {
  const document = load('runner-diag-timeout-skip.tap');
  expect(document).toMatchObject({ plan: 1, complete: true, problems: [] });
  const { subtests } = document.tests[0]!;
  expect(counts(subtests)).toEqual({ pass: 29, fail: 1, skip: 1, timeout: 1 });
  expect(subtests[23]).toMatchObject({
    name: 'diag: many msk socket present',
    outcome: 'timeout',
    durationMs: 79454,
  });
  expect(subtests[23]?.diagnostics[0]?.text).toContain('[FAIL] timeout while expecting 200 max 148 last 0');
  expect(subtests[24]?.diagnostics[0]?.text).toContain('[SKIP] Feature probably not supported');
  expect(subtests[25]?.diagnostics[0]?.text).toContain('[FAIL] expected 200 found 0');
});

test('userspace_pm.sh stops at its second subtest', () => {
  const document = load('runner-userspace_pm-failed.tap');
  expect(document).toMatchObject({ plan: 1, complete: true, problems: [] });
  const [runner] = document.tests;
  expect(counts(runner!.subtests)).toEqual({ pass: 1, fail: 1 });
  expect(runner!.subtests[1]?.diagnostics).toHaveLength(1);
  expect(runner!.diagnostics.at(-1)?.text).toBe('INFO: Done');
});

test('mptcp_join.sh runs out of time: the last lines tell where', () => {
  const document = load('runner-join-timeout.tap');
  expect(outline(document)).toBe('timeout mptcp_join.sh');
  expect(document.tests[0]).toMatchObject({ reason: '560 seconds', subtests: [] });
  expect(document.tests[0]?.diagnostics.at(-1)?.text).toBe('051 userspace pm create destroy subflow');
});

test('an overwritten log: subtests are kept, the result of the test is not made up', () => {
  const document = load('overwritten-pm_netlink.tap');
  expect(document.complete).toBe(false);
  expect(document.tests).toMatchObject([
    { name: 'pm_netlink.sh', collection: 'net/mptcp', outcome: 'missing' },
  ]);
  expect(counts(document.tests[0]!.subtests)).toEqual({ pass: 22 });
  expect(document.problems[0]).toMatchObject({ line: 1, text: expect.stringContaining('not trusted') });
});
