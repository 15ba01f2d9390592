// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { crashRecogniser } from './recogniser.ts';
import { kasan, oops, recognise, stamped, titles, trace, warn, who } from './testing.ts';

const panic = (why: string): string[] => [
  `Kernel panic - not syncing: ${why}`,
  ...who(),
  ...trace('dump_stack_lvl', 'panic'),
  'Kernel Offset: disabled',
  `---[ end Kernel panic - not syncing: ${why} ]---`,
];
const warning = warn('net/mptcp/pm.c:12 mptcp_pm_add', 'mptcp_caller');

describe('a report', () => {
  test('tells where it is, when, who, and its lines', () => {
    const [report] = recognise('Linux version 6.15', '', ...stamped(warning), 'the end');
    expect(report).toEqual({
      kind: 'warn',
      title: 'WARNING in mptcp_pm_add',
      frames: ['mptcp_pm_add', 'mptcp_caller'],
      signature: expect.stringMatching(/^[0-9a-f]{16}$/),
      fatal: false,
      panic: null,
      line: 3,
      lastLine: 2 + warning.length,
      kernelTimeMs: 12_000,
      cpu: 1,
      comm: 'mptcp_connect',
      pid: 88,
      taint: null,
      corrupt: false,
      text: warning.join('\n'),
    });
  });

  test('tells the taint', () => {
    const tainted = warning.map((line) => line.replace('Not tainted', 'Tainted: G        W  O     '));
    expect(recognise(...tainted)[0]?.taint).toBe('G W O');
  });

  test('follows another', () => {
    expect(
      titles(...stamped(warning), 'ok 1 - a', ...stamped(kasan('slab-use-after-free', 'mptcp_b'), 20)),
    ).toEqual(['WARNING in mptcp_pm_add', 'KASAN: slab-use-after-free Read in mptcp_b']);
  });

  test('is told early, as far as it is known', () => {
    const recogniser = crashRecogniser();
    expect(recogniser.push(Buffer.from(`${stamped(warning).slice(0, 6).join('\n')}\n`))).toEqual([]);
    expect(recogniser.pending).toMatchObject([{ title: 'WARNING in mptcp_pm_add', line: 1, lastLine: 6 }]);
    expect(recogniser.end()).toMatchObject([{ title: 'WARNING in mptcp_pm_add', corrupt: true }]);
    expect(recogniser.pending).toEqual([]);
  });

  test('is over when the kernel talks of other things, without the end of the input', () => {
    const recogniser = crashRecogniser();
    const after = stamped(
      Array.from({ length: 40 }, (_, i) => `eth${i}, link becomes ready`),
      13,
    );
    const reports = recogniser.push(Buffer.from(`${[...stamped(warning), ...after].join('\n')}\n`));
    expect(reports).toMatchObject([{ title: 'WARNING in mptcp_pm_add', lastLine: warning.length }]);
  });

  test('is over when the kernel was silent for long', () => {
    const recogniser = crashRecogniser();
    const lines = [...stamped(warning), '[   99.000000] eth0, link becomes ready'];
    expect(recogniser.push(Buffer.from(`${lines.join('\n')}\n`))).toHaveLength(1);
  });

  test('printed again by dmesg is the same one', () => {
    const lines = stamped(warning);
    expect(recognise(...lines, ...Array.from({ length: 40 }, () => '# text'), ...lines)).toHaveLength(1);
  });

  test('is bounded', () => {
    const frames = Array.from({ length: 20_000 }, (_, i) => ` mptcp_recursion_${i}+0x1/0x2`);
    const [report] = recognise(...stamped([...warning.slice(0, 14), ...frames]));
    expect(report!.text.length).toBeLessThanOrEqual(128 * 1024 + 1500);
    expect(report!.frames).toHaveLength(8);
    expect(report!.lastLine).toBe(14 + frames.length);
  });
});

describe('a panic', () => {
  test.each([
    ['panic_on_warn set ...', warning],
    ['kernel: panic_on_warn set ...', warning],
    ['kasan.fault=panic set ...', kasan('slab-use-after-free', 'mptcp_b')],
    ['Fatal exception', oops('crasher_init')],
    ['Fatal exception in interrupt', oops('crasher_init')],
    [
      'softlockup: hung tasks',
      ['watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [insmod:88]', ...trace('mptcp_b')],
    ],
    [
      'hung_task: blocked tasks',
      ['INFO: task insmod:88 blocked for more than 122 seconds.', ...trace('schedule', 'mptcp_b')],
    ],
  ])('%s belongs to the report that it follows from', (why, lines) => {
    expect(recognise(...stamped([...lines, ...panic(why)]))).toMatchObject([{ fatal: true, panic: why }]);
  });

  test('in the midst of a WARNING (before 6.0) does not end it', () => {
    const lines = [
      'WARNING: CPU: 1 PID: 81 at net/mptcp/pm.c:12 mptcp_pm_add+0x120/0x148',
      'Kernel panic - not syncing: panic_on_warn set ...',
      ...who(),
      ...trace('dump_stack', 'panic', '__warn', 'report_bug', 'invalid_op'),
    ];
    lines.splice(9, 0, 'RIP: 0010:mptcp_pm_add+0x120/0x148', ' mptcp_caller+0x1/0x2');
    expect(recognise(...stamped(lines))).toMatchObject([
      { title: 'WARNING in mptcp_pm_add', frames: ['mptcp_pm_add', 'mptcp_caller'], fatal: true },
    ]);
  });

  test('long after the report is one of its own', () => {
    expect(titles(...stamped(warning), ...stamped(panic('panic_on_warn set ...'), 99))).toEqual([
      'WARNING in mptcp_pm_add',
      'kernel panic: panic_on_warn set',
    ]);
  });

  test('that says more than its cause stays one of its own', () => {
    expect(titles(...stamped([...warning, ...panic('VFS: Unable to mount root fs')]))).toEqual([
      'WARNING in mptcp_pm_add',
      'kernel panic: VFS: Unable to mount root fs',
    ]);
  });
});

describe('one fault, several reports', () => {
  test('a KASAN report and the oops that it leads to', () => {
    const lines = stamped([
      ...kasan('slab-use-after-free', 'mptcp_b'),
      ...oops('mptcp_c'),
      ...panic('Fatal exception'),
    ]);
    expect(recognise(...lines)).toMatchObject([
      { kind: 'kasan', title: 'KASAN: slab-use-after-free Read in mptcp_b', fatal: false },
      {
        kind: 'oops',
        title: 'BUG: unable to handle kernel NULL pointer dereference in mptcp_c',
        fatal: true,
      },
    ]);
  });
});

describe('others on the wire', () => {
  const zip = (one: string[], other: string[]): string[] =>
    Array.from({ length: Math.max(one.length, other.length) }, (_, i) => [one[i], other[i]])
      .flat()
      .filter((line) => line !== undefined);

  test('two CPUs at once, told apart by their callers', () => {
    const lines = zip(
      stamped(warning, 12, 'T88'),
      stamped(oops('crasher_init', 'do_one_initcall'), 12, 'C0'),
    );
    expect(recognise(...lines)).toMatchObject([
      { title: 'WARNING in mptcp_pm_add', corrupt: false, text: warning.join('\n') },
      {
        title: 'BUG: unable to handle kernel NULL pointer dereference in crasher_init',
        corrupt: false,
        cpu: 0,
      },
    ]);
  });

  test('two CPUs at once, not told apart: neither is trusted', () => {
    const reports = recognise(...zip(stamped(warning), stamped(kasan('slab-use-after-free', 'mptcp_b'))));
    expect(reports.map(({ kind, corrupt }) => [kind, corrupt])).toEqual([
      ['warn', true],
      ['kasan', true],
    ]);
  });

  test('results between the lines, and glued to them', () => {
    const results = warning.map((_, i) => `ok ${i + 1} - a test`);
    expect(recognise(...zip(stamped(warning), results))[0]).toMatchObject({
      corrupt: false,
      text: warning.join('\n'),
    });
    expect(recognise(...zip(warning, results))[0]).toMatchObject({
      corrupt: false,
      text: warning.join('\n'),
    });
    const glued = stamped(warning).map((line, i) => (i % 3 === 0 ? `# time=3ms ${line}` : line));
    expect(recognise(...glued)[0]).toMatchObject({ corrupt: false, text: warning.join('\n') });
  });

  test.each([
    '# BUG: KASAN: slab-use-after-free in mptcp_a+0x1/0x2',
    'ok 1 - BUG: KASAN: slab-use-after-free in mptcp_a+0x1/0x2',
    'grep: BUG: soft lockup - CPU#0 stuck for 22s! [insmod:88]',
    'expected "Kernel panic - not syncing: x"',
    '[   12.345678] audit: BUG: KASAN: slab-use-after-free in f+0x1/0x2',
    'BUG: something that a program says',
    '------------[ cut here ]------------',
  ])('%s is nobody’s report', (line) => {
    expect(titles(line, 'more text', 'ok 2 - b')).toEqual([]);
  });
});

describe('what stands before and behind a line', () => {
  const plain = titles(...kasan('slab-use-after-free', 'mptcp_b'));

  test.each([
    ['CR', (line: string) => `${line}\r`],
    ['colours', (line: string) => `\x1b[31m${line}\x1b[0m`],
    ['a level', (line: string) => `<4>[   12.345678] ${line}`],
    ['a difference', (line: string) => `[  +0.000001] ${line}`],
    ['syslog', (line: string) => `Nov 22 13:00:00 host kernel: [   12.345678] ${line}`],
    ['no-break spaces', (line: string) => `[\u00a0\u00a0 12.345678] ${line}`],
    ['NULs', (line: string) => `\0\0[   12.345678] ${line}`],
    ['a second space', (line: string) => `[   12.345678][    C4]  ${line}`],
  ])('%s', (_name, dress) => {
    expect(titles(...kasan('slab-use-after-free', 'mptcp_b').map(dress))).toEqual(plain);
  });

  test('bytes that are no UTF-8', () => {
    const recogniser = crashRecogniser();
    recogniser.push(Uint8Array.of(0xff, 0xfe, 0x80, 0x0a));
    recogniser.push(Buffer.from(`${stamped(warning).join('\n')}\n`));
    recogniser.push(Uint8Array.of(0xff));
    expect(recogniser.end()).toMatchObject([{ title: 'WARNING in mptcp_pm_add', line: 2 }]);
  });
});
