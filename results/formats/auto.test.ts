// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { auto, lookAhead } from './auto.ts';
import { collect } from './collect.ts';
import { parseWhole } from './registry.ts';
import { fixture, recordings } from './testing.ts';

const found = (...lines: string[]) => parseWhole(auto, Buffer.from(lines.join('\n'))).format;

test.each([
  ['tap', ['TAP version 13', '1..1']],
  ['tap', ['hello', '\x1b[32mok 1 - a\x1b[0m\r']],
  ['tap', ['# timeout set to 45', '# selftests: net: x.sh', '# [   12.345678] x']],
  ['console', ['[    0.000000] Linux version 6.12', 'ok 1 a']],
  ['console', ['<6>[    0.000000] Linux version 6.12']],
  ['test_progs', ['Loading bpf_testmod.ko...', '53.90 #1/1     atomics/add:OK']],
  ['test_verifier', ['#0/u BPF_ATOMIC_AND without fetch SKIP']],
  ['test_maps', ["Fork 1024 tasks to 'test_update_delete'"]],
  ['gtest', ['Running main() from gtest_main.cc', '[==========] Running 1 test from 1 test suite.']],
  ['tap', ['TAP version 13', '# [ RUN      ] global.before_linux_5_8']],
  ['test_progs_json', ['{"success":2,"success_subtest":15,"results":[]}']],
  ['test_progs_json', ['\ufeff{', ' "success": 2']],
  ['tap', ['']],
  ['tap', ['nothing of all that']],
])('%s: %j', (format, lines) => {
  expect(found(...lines)).toBe(format);
});

test('no more than the first 64 KiB are looked at', () => {
  const prose = 'x'.repeat(99).concat('\n');
  expect(found(prose.repeat(600), '#0/p a OK')).toBe('test_verifier');
  expect(found(prose.repeat(700), '#0/p a OK')).toBe('tap');
  expect(found('x'.repeat(lookAhead), 'TAP version 13', '1..0')).toBe('tap');
});

test('what comes before the choice is not lost, however the input is cut', () => {
  const inputs = [
    fixture('runner-diag-timeout-skip.tap'),
    Buffer.from('{"success":2,\n"failed":0}'),
    Buffer.from('[    0.000000] a\n#1       a:OK'),
    Buffer.from(`${'x\n'.repeat(lookAhead)}ok 1 a`),
  ];
  for (const input of inputs)
    for (const size of [1, 7, 1000]) {
      const parser = collect(auto);
      for (let at = 0; at < input.length; at += size) parser.push(input.subarray(at, at + size));
      expect(parser.end()).toEqual(parseWhole(auto, input));
    }
});

test.each([
  '\n{"success":1,"failed":0,"results":[]}\n#1/1     a/b:OK\n',
  '{\n "success": 2\n}\nok 1 a',
  '\n{"success":0}',
])('a JSON document is one wherever it is cut: %j', (text) => {
  const input = Buffer.from(text);
  for (let at = 0; at <= input.length; at++) {
    const document = collect(auto);
    document.push(input.subarray(0, at));
    document.push(input.subarray(at));
    expect(document.end().format).toBe('test_progs_json');
  }
});

test.each(recordings('test_progs'))('$name', ({ name, bytes }) => {
  const expected = name.endsWith('.json')
    ? 'test_progs_json'
    : name.startsWith('test_verifier')
      ? 'test_verifier'
      : 'test_progs';
  if (name !== 'README.md') expect(parseWhole(auto, bytes).format).toBe(expected);
});
