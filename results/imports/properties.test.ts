// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../store/index.ts';
import { scratch } from '../store/test-support.ts';
import { importFile } from './import-file.ts';
import { importFormats } from './registry.ts';
import { inMemory, quiet } from './testing.ts';

/** A valid file of each format, small, with all that the format has. */
const valid: Record<string, string> = {
  nipa: JSON.stringify({
    ...{ executor: 'e', branch: 'net-2026-01-01--00-00', start: '2026-01-01 00:00:00+00:00', end: null },
    results: [
      {
        ...{
          test: 'a',
          group: 'g',
          result: 'fail',
          retry: 'warn',
          time: 0.5,
          crashes: ['a:b:c'],
          link: 'https://x',
        },
        results: [{ test: 'x', result: 'fail', retry: 'pass', time: 1 }],
      },
    ],
  }),
  'mptcp-ci': JSON.stringify([
    { run_id: '1', tag: 'export', results: {}, warn: 'w', error: 'all' },
    {
      ...{ run_id: '2', tag: 'export/20260101T000000' },
      results: {
        f: { 1: { result: 'fail', name: 'n', comment: 'time=1ms', time_ms: '5' } },
        selftest_diag: { 2: { result: 'flaky', name: 'test: selftest_diag' } },
        selftest_diag_subtests: { 3: { result: 'fail', name: 'diag: x' } },
        packetdrill_dss: { 4: { result: 'flaky', name: 'y' } },
      },
    },
  ]),
  junit:
    '<?xml version="1.0"?><testsuites name="t"><testsuite name="c:a" timestamp="2026-01-01T00:00:00">' +
    '<testcase classname="c:a" name="a" time="1.5"><flakyFailure type="fail" message="m">x</flakyFailure></testcase>' +
    '<testcase classname="c:a" name="b"><failure type="crash"><![CDATA[y]]></failure></testcase></testsuite>' +
    '<testsuite name="d"><error message="s"/><testcase name="x" status="notrun"><testcase name="y"><skipped/></testcase>' +
    '<rerunError>m<system-out>attempt 2</system-out></rerunError><error/><system-out>attempt 4</system-out></testcase>' +
    '</testsuite></testsuites>',
  lkp: 'net.a.sh.pass: 1\nkernel-selftests.net.b.sh.sub.fail\n"net.c.skip": [1],\n"net.d.fail": [\n0,\n1\n],\nnet.e.pass: 0\n',
  log: '1..2\n# selftests: net: a.sh\n# ok 1 x\nnot ok 1 selftests: net: a.sh # exit=1\n[    1.000000] BUG: kernel NULL pointer dereference, address: 0\nok 2 selftests: net: b.sh\n',
  jsonl: [
    {
      ...{
        type: 'run',
        uuid: '01234567-89ab-4cde-8f01-23456789abcd',
        suite: 's',
        branch: 'b',
        revision: 'r',
      },
      ...{
        position: 7,
        platform: { arch: 'a', accel: 'k', cpus: 2, flavour: 'f', options: '' },
        environment: {},
      },
      ...{ command: 'c', state: 'complete', reason: '', startedAt: 1_767_600_000_000, finishedAt: null },
    },
    {
      ...{ type: 'test', collection: 'c', name: 'a', attempt: 1, outcome: 'fail', line: 1, message: 'm' },
      ...{
        durationMs: 5,
        startedAt: 1_767_600_000_000,
        cpuMs: 1,
        exitCode: 1,
        signal: null,
        timeoutMs: 9,
        vm: 0,
      },
      problems: [{ line: 1, text: 't' }],
      crashes: [{ signature: 'x', kind: 'warn', title: 't', frames: ['f'], line: 1, fatal: false }],
    },
    {
      ...{ type: 'subtest', collection: 'c', test: 'a', attempt: 1, name: 'x', outcome: 'pass', line: null },
      ...{ message: '', durationMs: null, markedFlaky: false },
    },
    { type: 'end', tests: 1, subtests: 1 },
  ]
    .map((line) => JSON.stringify(line))
    .join('\n'),
};

const awkward = fc.oneof(
  fc.constantFrom(
    ...[
      'null',
      '-1',
      '1e400',
      '1e300',
      '0.5',
      '"1"',
      '""',
      '[]',
      '{}',
      'true',
      '"__proto__"',
      '{"__proto__":1}',
    ],
    ...[
      '\0',
      '\\u0000',
      '\ud800',
      '\\ud800',
      '"',
      '<',
      '&x;',
      ']]>',
      '\n',
      '\r',
      '9'.repeat(400),
      'é',
      '[[[[',
      '{"a":',
    ],
    'x'.repeat(20_000),
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
/** Where (a fraction of the length), how much is taken out, what is put there. */
const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(12), put: awkward });
/** A value replaced as a whole: the JSON stays JSON. */
const swap = fc.record({ which: fc.nat(40), by: awkward });

function edited(text: string, edits: { at: number; cut: number; put: string }[]): string {
  return edits.reduce((now, { at, cut, put }) => {
    const from = Math.floor(at * now.length);
    return now.slice(0, from) + put + now.slice(from + cut);
  }, text);
}

function swapped(text: string, { which, by }: { which: number; by: string }): string {
  const values = [...text.matchAll(/"[^"]*"(?!:)|\b\d+(?:\.\d+)?\b|\b(?:null|true|false)\b/g)];
  const value = values[which % values.length]!;
  return text.slice(0, value.index) + by + text.slice(value.index + value[0].length);
}

test.each(importFormats)(
  '$name: whatever a file has become, it is imported or refused in words',
  async (format) => {
    const store = await openStore(await scratch(onTestFinished));
    onTestFinished(() => store.close());
    const good = valid[format.name]!;
    const run = async (text: string, chunk: number) => {
      const file = inMemory(text, 'export-debug.json', {}, chunk);
      const report = await importFile(store, format, 'x', async () => file, {}, quiet);
      expect(report.refused === null || report.refused.length > 5).toBe(true);
      return report;
    };
    expect(await run(good, 1000)).toMatchObject({ refused: null });
    const mutation = fc.oneof(
      fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => edited(good, edits)),
      swap.map((one) => swapped(good, one)),
    );
    await fc.assert(
      fc.asyncProperty(mutation, fc.integer({ min: 1, max: 500 }), async (text, chunk) => {
        await run(text, chunk);
      }),
      { numRuns: process.env.MULTITAP_TEST_ALL ? 20_000 : 300 },
    );
  },
  process.env.MULTITAP_TEST_ALL ? undefined : 60_000,
);
