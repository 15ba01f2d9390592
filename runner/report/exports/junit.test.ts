// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { TestReport } from '../../../results/store/types.ts';
import { aSubtest, aTest, began, hostileTests, stored, written } from './testing.ts';
import { type Element, parseXml } from './testing-xml.ts';

async function exported(tests: TestReport[]): Promise<string> {
  const { source, end } = await stored(tests);
  onTestFinished(end);
  return written('junit', source);
}

const told = { required: [], optional: ['type', 'message'], children: [] };
const reran = {
  required: ['type'],
  optional: ['message'],
  children: ['stackTrace', 'system-out', 'system-err'],
};
const counts = ['tests', 'failures', 'errors'];

/** What junit-10.xsd of jenkinsci/xunit-plugin allows, of the elements that we write. */
const rules: Record<string, { required: string[]; optional: string[]; children: string[] }> = {
  testsuites: { required: [], optional: ['name', 'time', ...counts], children: ['testsuite'] },
  testsuite: {
    required: ['name', ...counts],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
  },
  testcase: {
    required: ['name'],
    optional: ['time', 'classname', 'group'],
    children: [
      'skipped',
      'error',
      'failure',
      'rerunFailure',
      'rerunError',
      'flakyFailure',
      'flakyError',
      'system-out',
    ],
  },
  'system-out': { required: [], optional: [], children: [] },
  ...{ skipped: told, error: told, failure: told },
  ...{ rerunFailure: reran, rerunError: reran, flakyFailure: reran, flakyError: reran },
};

/** SUREFIRE_TIME of the schema. */
const seconds = /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$/;

function faults(element: Element): string[] {
  const rule = rules[element.name];
  if (!rule) return [`unknown element ${element.name}`];
  const { required, optional, children } = rule;
  const names = [...element.attributes.keys()];
  return [
    ...required.filter((name) => !names.includes(name)).map((name) => `${element.name} lacks ${name}`),
    ...names
      .filter((name) => ![...required, ...optional].includes(name))
      .map((name) => `${element.name} ${name}`),
    ...(seconds.test(element.attributes.get('time') ?? '0') ? [] : ['time']),
    ...element.children
      .filter(({ name }) => !children.includes(name))
      .map(({ name }) => `${element.name}/${name}`),
    ...(children.includes('testcase') && element.text.trim() !== '' ? ['text'] : []),
    ...element.children.flatMap(faults),
  ];
}

test('a suite for each test, a case for it and for each subtest', async () => {
  const text = await exported([
    aTest('a.sh', 'fail', {
      message: 'exit code 1\n<more> & "all"',
      subtests: [aSubtest('one', 'pass', { durationMs: 46 }), aSubtest('two', 'skip', { message: 'no nft' })],
    }),
    aTest('b.sh', 'timeout', { message: 'slow', startedAt: Date.UTC(2026, 1) }),
    aTest('b.sh', 'pass', { attempt: 2, startedAt: Date.UTC(2026, 1) + 1 }),
  ]);
  expect(text.split('\n')).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="mptcp: net-next v6.12-1-g0123 (x86_64 kvm 2cpu debug mitigations=off)" time="60.000">',
    '<testsuite name="net/mptcp:a.sh" tests="3" failures="1" errors="0" skipped="1" time="1.500" timestamp="2026-01-05T08:00:01">',
    '<testcase classname="net/mptcp:a.sh" name="a.sh" time="1.500"><failure type="fail" message="exit code 1">exit code 1',
    '&lt;more&gt; &amp; "all"</failure></testcase>',
    '<testcase classname="net/mptcp:a.sh" name="one" time="0.046"/>',
    '<testcase classname="net/mptcp:a.sh" name="two"><skipped type="skip" message="no nft">no nft</skipped></testcase>',
    '</testsuite>',
    '<testsuite name="net/mptcp:b.sh" tests="1" failures="0" errors="0" skipped="0" time="1.500" timestamp="2026-02-01T00:00:00">',
    '<testcase classname="net/mptcp:b.sh" name="b.sh" time="1.500"><flakyFailure type="timeout" message="slow">slow</flakyFailure></testcase>',
    '</testsuite>',
    '</testsuites>',
    '',
  ]);
});

test('attempts that are not numbered by their place say their number', async () => {
  const text = await exported([
    ...[1, 2, 3].map((attempt) =>
      aTest('a.sh', attempt === 2 ? 'fail' : 'pass', {
        ...{ attempt, startedAt: began + attempt },
        subtests: [aSubtest('x', attempt === 1 ? 'fail' : 'pass')],
      }),
    ),
  ]);
  expect(text.match(/<(flaky|system).*>/g)).toEqual([
    '<flakyFailure type="fail" message=""><system-out>attempt 2</system-out></flakyFailure><system-out>attempt 3</system-out></testcase>',
    '<flakyFailure type="fail" message=""></flakyFailure></testcase>',
  ]);
});

test('whatever names and messages are: well-formed, as the schema has it, and no name twice', async () => {
  await fc.assert(
    fc.asyncProperty(hostileTests, async (tests) => {
      const { source, end } = await stored(tests);
      try {
        const root = parseXml(await written('junit', source));
        expect(faults(root)).toEqual([]);
        const cases = root.children.flatMap(({ children }) => children);
        const keys = cases.map(({ attributes }) =>
          JSON.stringify([attributes.get('classname'), attributes.get('name')]),
        );
        expect(new Set(keys).size).toBe(keys.length);
        let there = 0;
        for await (const attempts of source.tests()) there += 1 + attempts.at(-1)!.subtests.length;
        expect(cases).toHaveLength(there);
      } finally {
        await end();
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);

const xsd = process.env.MULTITAP_TEST_JUNIT_XSD;

test.skipIf(!xsd)('xmllint finds it valid against MULTITAP_TEST_JUNIT_XSD', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'multitap-junit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const samples = fc.sample(hostileTests, 10).flat();
  const distinct = samples.map((one, i) => ({ ...one, name: `${i} ${one.name}`, attempt: 1 }));
  writeFileSync(join(folder, 'run.xml'), await exported(distinct));
  execFileSync('xmllint', ['--noout', '--schema', xsd!, join(folder, 'run.xml')], { stdio: 'pipe' });
});
