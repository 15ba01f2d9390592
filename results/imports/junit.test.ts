// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { junit } from './junit.ts';
import { inMemory, outline, readAll } from './testing.ts';

const read = (xml: string, chunk = 7) => readAll(junit, inMemory(xml, 'j.xml', {}, chunk));

test('cases, as most programs write them', async () => {
  const { runs, problems } = await read(`<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="all"><properties><property name="a" value="b"/></properties>
    <testsuite name="outer" timestamp="2026-01-05T08:00:00" tests="4">
      <testsuite name="inner">
        <testcase classname="net.tls" name="a &amp; b" time="1,234.5"/>
        <testcase name="c"><failure message="no">no: <![CDATA[<why>]]></failure><system-out>x</system-out></testcase>
      </testsuite>
      <testcase name="d"><error type="Timeout" message="gone"/></testcase>
      <testcase name="e"><skipped/></testcase>
    </testsuite></testsuites>`);
  expect(problems).toEqual([]);
  expect(outline(runs[0]!.tests)).toEqual([
    ...['pass net.tls: a & b#1', 'fail inner: c#1', 'fail outer: d#1', 'skip outer: e#1'],
  ]);
  expect(runs[0]!.tests.map(({ message }) => message)).toEqual(['', 'no: <why>', 'gone', '']);
  expect(runs[0]!.tests[0]!.durationMs).toBe(1_234_500);
  expect(runs[0]!.start).toMatchObject({ startedAt: Date.UTC(2026, 0, 5, 8), environment: { title: 'all' } });
});

test('a suite as our own export writes it is a test with subtests', async () => {
  const { runs } = await read(`<testsuites><testsuite name="net/mptcp:join.sh">
    <testcase classname="net/mptcp:join.sh" name="join.sh" time="2.000"><flakyFailure type="timeout"/></testcase>
    <testcase classname="net/mptcp:join.sh" name="one"><flakyFailure type="fail" message="m"/></testcase>
    <testcase classname="net/mptcp:join.sh" name="two"><skipped type="xfail"/></testcase>
    </testsuite></testsuites>`);
  expect(outline(runs[0]!.tests)).toEqual([
    'timeout net/mptcp: join.sh#1 (fail one)',
    'pass net/mptcp: join.sh#2 (pass one, xfail two)',
  ]);
});

test('of two elements the worse counts, and both are heard', async () => {
  const { runs } = await read(`<testsuite name="s">
    <testcase name="a"><failure message="one"/><skipped message="two"/></testcase>
    <testcase name="b"><failure message="one"/><error type="error" message="two"/></testcase>
    <testcase name="c"><failure type="pass"/></testcase><testcase name="d"><skipped type="fail"/></testcase>
    <testcase name="e"><error type="missing"/></testcase><testcase name="f" status="notrun"/>
    <testcase name="g" status="notrun" result="suppressed"><failure/></testcase></testsuite>`);
  expect(outline(runs[0]!.tests)).toEqual([
    'fail s: a#1',
    'fail s: b#1',
    'fail s: c#1',
    'skip s: d#1',
    'missing s: e#1',
    'skip s: f#1',
    'fail s: g#1',
  ]);
  expect(runs[0]!.tests.slice(0, 2).map(({ message }) => message)).toEqual(['one\ntwo', 'one\ntwo']);
});

test('nothing that failed is lost where it stands oddly', async () => {
  const { runs, problems, notes } =
    await read(`<testsuites><error/><testsuite name="s"><error message="setup"/>
    <testcase name="a"><failure/><testcase name="b"/></testcase>
    <properties><failure/></properties></testsuite></testsuites>`);
  expect(outline(runs[0]!.tests)).toEqual(['pass s: b#1', 'fail s: a#1', 'fail s: (the suite itself)#1']);
  expect(problems).toEqual([
    'line 1: error in testsuites, which belongs to no test: not stored',
    'line 3: failure in properties, which belongs to no test: not stored',
  ]);
  expect(notes.slice(0, 2)).toEqual([
    expect.stringContaining('line 1: error of a whole suite'),
    'line 2: a testcase within another: stored as a test of its own',
  ]);
});

test('a test that passed although a subtest failed has not', async () => {
  const { runs, notes } = await read(`<testsuite name="net:a.sh"><testcase classname="net:a.sh" name="a.sh"/>
    <testcase classname="net:a.sh" name="x"><failure/></testcase></testsuite>`);
  expect(outline(runs[0]!.tests)).toEqual(['fail net: a.sh#1 (fail x)']);
  expect(notes[1]).toBe('net: a.sh: says pass, and 1 of its subtests failed: stored as fail');
});

test('attempts that say their number keep it', async () => {
  const { runs } = await read(`<testsuite name="net:a.sh">
    <testcase classname="net:a.sh" name="a.sh"><rerunFailure><system-out>attempt 2</system-out></rerunFailure><failure/>
      <system-out>attempt 4</system-out></testcase>
    <testcase classname="net:a.sh" name="x"><flakyFailure/><flakyFailure>m<system-out>attempt 3</system-out></flakyFailure>
    </testcase></testsuite>`);
  expect(outline(runs[0]!.tests)).toEqual([
    ...[
      'fail net: a.sh#1 (fail x)',
      'fail net: a.sh#2',
      'fail net: a.sh#3 (fail x)',
      'fail net: a.sh#4 (pass x)',
    ],
  ]);
});

test('a case of endless attempts is refused', async () => {
  const xml = `<testsuite name="s"><testcase name="a">${'<rerunFailure/>'.repeat(200_001)}</testcase></testsuite>`;
  await expect(read(xml, 65_536)).rejects.toThrow('has more than 200000 results');
});

test('without a date the file’s own is taken, and that is told', async () => {
  const { runs, notes } = await read('<testsuite name="s"><testcase name="a"/></testsuite>');
  expect(notes).toEqual([': it tells no date: that of the file is taken']);
  expect(runs[0]!.start.startedAt).toBe(inMemory('').modifiedAt);
});

const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>`;
test.each([
  ['', 'is empty'],
  ['no xml', 'is no XML: 1:'],
  ['<testsuite>', 'is no XML'],
  ['<html/>', 'it has no testsuite'],
  [`${bomb}<testsuite><testcase name="&b;"/></testsuite>`, 'is no XML'],
  [`${bomb}<testsuite><testcase name="a"><failure>&x;</failure></testcase></testsuite>`, 'is no XML'],
  [`<a ${Array.from({ length: 2000 }, (_, i) => `a${i}=""`).join(' ')}/>`, 'more than 1000 attributes'],
  [`${'<a>'.repeat(200)}`, 'nested deeper than 100'],
])('refuses %.60s', async (xml, why) => {
  await expect(read(xml)).rejects.toThrow(why);
});

test('declarations that nobody uses are not read', async () => {
  const { runs } = await read(`${bomb}<testsuite name="s"><testcase name="a"/></testsuite>`);
  expect(outline(runs[0]!.tests)).toEqual(['pass s: a#1']);
});

test('a suite of many cases', async () => {
  const { runs } = await read(
    `<testsuite name="s">${'<testcase name="a"/>'.repeat(150_000)}</testsuite>`,
    65_536,
  );
  expect(runs[0]!.tests).toHaveLength(150_000);
});

test('a case without a suite is told', async () => {
  const { problems } = await read('<testsuites><testcase name="a"/><testsuite name="s"/></testsuites>');
  expect(problems).toEqual(['line 1: a testcase outside of any testsuite: not stored']);
});
