// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { exitCodeOf } from '../exit.ts';
import { wholeNumber } from './options.ts';
import { commands } from './registry.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'multitap-commands-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const handlers = signals.map((signal) => process.listeners(signal));
afterEach(() => {
  vi.unstubAllEnvs();
  // Commands take over Ctrl-C for the rest of their process, which is not theirs here.
  signals.forEach((signal, i) => {
    for (const listener of process.listeners(signal))
      if (!handlers[i]!.includes(listener)) process.removeListener(signal, listener);
  });
});

/** Runs a command in this process, and tells what it would have said and ended with. */
async function run([name, ...args]: string[]): Promise<{ code: number; said: string }> {
  vi.stubEnv('MULTITAP_CACHE', join(scratch, 'cache'));
  const command = commands.map((create) => create()).find((one) => one.name() === name)!;
  let said = '';
  for (const one of [command, ...command.commands])
    one.exitOverride().configureOutput({
      writeErr: (text) => {
        said += text;
      },
    });
  try {
    await command.parseAsync(args, { from: 'user' });
    return { code: 0, said };
  } catch (error) {
    // As bin/main.ts does it.
    if (error instanceof CommanderError) return { code: 2, said };
    return { code: exitCodeOf(error), said: (error as Error).message };
  }
}

describe('what cannot be meant is exit code 2 before anything is built', () => {
  test.each<[string[], RegExp]>([
    [['run', 'mptcp', '--jobs', '0'], /Expected a whole number from 1 to 64/],
    [['run', 'mptcp', '--jobs', '1e1'], /Expected a whole number from 1 to 64/],
    [['run', 'mptcp', '--memory', '99999999999999999999'], /Expected a whole number/],
    [['run', 'mptcp', '--timeout=-1'], /Expected a whole number/],
    [['run', 'mptcp', '--kernel'], /argument missing/],
    [['run', 'mptcp', '--accel', 'xen'], /Allowed choices are auto, kvm, tcg/],
    [['run', 'mptcp', '--format', 'xml'], /Allowed choices are pretty, ktap, json/],
    [['run'], /Nothing was named that could be run/],
    [['run', '--test', 'diag.sh'], /Nothing was named that could be run/],
    [['run', 'mptcp', '-c', 'net/bond', '-t', 'a.sh'], /does not tell whose test it is/],
    [['run', 'mptcp', '--selftests', '6.18'], /did you mean deb:6\.18/],
    [['run', 'mptcp', '--env', 'EXPECT_ALL'], /is no variable/],
    [['run', 'mptcp', '--deny', '@/none/DENYLIST'], /cannot be read/],
    [['run', '--collection', 'net/bond', '--quick'], /no quick selection/],
    [['run', 'mptcp', '--kernel', 'git:/src@main'], /does not know git/],
    [['run', 'mptcp', '--driver', 'xen'], /Allowed choices are qemu, virtme/],
    [['run', 'mptcp', '--isolation', 'none'], /Allowed choices are test, vm/],
    [['run', 'mptcp', '--retries', '101'], /Expected a whole number from 0 to 100/],
    [['run', 'mptcp', '--append', 'a="b'], /cannot be put on a kernel’s command line/],
    [['run', 'mptcp', '--module', '-r veth'], /is no module with its parameters/],
    [['run', 'mptcp', '--pre', '/not/there'], /--pre \/not\/there cannot be read: ENOENT/],
    [['loop'], /missing required argument/],
    [['loop', 'diag.sh', '--times', '0'], /Expected a whole number from 1/],
    [['loop', 'diag.sh', '--post', '/'], /--post \/ cannot be read: EISDIR/],
    [['shell', '--kernel', 'latest'], /is not a kernel reference/],
    [['kernel', 'get', 'deb:latest'], /is not a kernel reference/],
    [['kernel', 'get'], /missing required argument/],
    [['export', '1'], /required option .* not specified/],
    [['export', '1', '--format', 'xml'], /Allowed choices are ktap, junit, kcidb, nipa, jsonl, csv/],
    [['export', '1', '-f', 'kcidb', '--origin', 'A b'], /Expected lower-case letters/],
    [['export', '1', '-f', 'nipa', '--url', 'javascript:x'], /Expected an http\(s\) address/],
  ])('%j', async (args, expected) => {
    const { code, said } = await run(args);
    expect(said).toMatch(expected);
    expect(code).toBe(2);
  });

  test.each([
    ['results', '4711'],
    ['export', '4711', '-f', 'csv'],
  ])('a run that is not stored: %s', async (...args) => {
    const { code, said } = await run([...args, '--data', join(scratch, 'data')]);
    expect(said).toMatch(/There is no run "4711" in .*\nExpected: a run’s number.*\nDo: multitap results$/);
    expect(code).toBe(2);
  });
});

test('commands have names of their own and say what they are for', () => {
  const all = commands.map((create) => create());
  expect(new Set(all.map((command) => command.name())).size).toBe(all.length);
  for (const command of all) expect(command.description()).not.toBe('');
});

describe('wholeNumber', () => {
  const parse = wholeNumber(1, 64);
  test.each([
    ['1', 1],
    ['64', 64],
    ['007', 7],
  ])('takes %j', (text, value) => {
    expect(parse(text)).toBe(value);
  });
  test.each([
    '',
    ' ',
    '0',
    '65',
    '-1',
    '1.5',
    '1e1',
    '0x10',
    ' 7',
    '7 ',
    '٧',
    'NaN',
    'Infinity',
    '9'.repeat(400),
  ])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow('Expected a whole number from 1 to 64.');
  });
});
