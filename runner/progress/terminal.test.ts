// SPDX-License-Identifier: GPL-2.0-only
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clock, stepLine, terminalProgress } from './terminal.ts';

test.each([
  [0, '0:00'],
  [999, '0:01'],
  [59_499, '0:59'],
  [59_500, '1:00'],
  [67_000, '1:07'],
  [3_600_000, '60:00'],
])('%i ms is %s', (ms, text) => {
  expect(clock(ms)).toBe(text);
});

describe('stepLine', () => {
  test.each([
    ['Build · 0:05', stepLine('Build', {}, 5000)],
    ['Build · 0:05', stepLine('Build', {}, 5000, 1500)],
    ['Build · 0:05 of about 2:30', stepLine('Build', {}, 5000, 150_000)],
    [
      'Run 3 · 2/7 tests · diag.sh · 1:00',
      stepLine('Run 3', { done: 2, total: 7, unit: 'tests', text: 'diag.sh' }, 60_000),
    ],
    [
      'Get · 1.5/3.0 MiB · 0:01',
      stepLine('Get', { done: 1.5 * 2 ** 20, total: 3 * 2 ** 20, unit: 'bytes' }, 1000),
    ],
    ['Run · 0/0 tests · 0:00', stepLine('Run', { done: 0, total: 0, unit: 'tests' }, 0)],
  ])('%s', (expected, line) => {
    expect(line).toBe(expected);
  });
});

/** A stream that is a terminal or is not, and all that was written to it. */
function output(columns?: number): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  if (columns !== undefined) Object.assign(stream, { isTTY: true, columns });
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream, text: () => text };
}

/** What a terminal shows of it: what is erased is gone. */
function screen(text: string): string[] {
  return text.split('\n').map((line) => line.split('\r\x1b[K').at(-1)!);
}

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('in a log is a line for each step, and one every 15 s while it lasts', () => {
    const { stream, text } = output();
    const progress = terminalProgress(stream);
    const step = progress.step('Build', 150_000);
    step.update({ text: 'make headers' });
    vi.advanceTimersByTime(31_000);
    step.note('a word');
    step.done('12 tests built');
    vi.advanceTimersByTime(60_000);
    progress.step('Quick', 1000).done('at once');
    expect(text().split('\n')).toEqual([
      '… Build · 0:00 of about 2:30',
      '… Build · make headers · 0:15 of about 2:30',
      '… Build · make headers · 0:30 of about 2:30',
      'a word',
      '✓ Build: 12 tests built (0:31)',
      '✓ Quick: at once (0:00)',
      '',
    ]);
  });

  test('on a terminal is one line that is kept up to date', () => {
    const { stream, text } = output(80);
    const step = terminalProgress(stream).step('Build', 150_000);
    step.update({ text: 'make headers' });
    vi.advanceTimersByTime(10_000);
    expect(screen(text())).toEqual(['… Build · make headers · 0:10 of about 2:30']);
    step.note('a word');
    vi.advanceTimersByTime(1000);
    step.done('built');
    vi.advanceTimersByTime(10_000);
    expect(screen(text())).toEqual(['a word', '✓ Build: built (0:11)', '']);
  });

  test('on a terminal is never wider than it', () => {
    const { stream, text } = output(40);
    const step = terminalProgress(stream).step('Run');
    step.update({ text: 'x'.repeat(500) });
    vi.advanceTimersByTime(1000);
    for (const line of screen(text())) expect(line.length).toBeLessThan(40);
  });

  test('makes way for what is printed between', () => {
    const { stream, text } = output(80);
    const progress = terminalProgress(stream);
    progress.step('Run');
    vi.advanceTimersByTime(300);
    progress.clear();
    stream.write('✓ pass diag.sh\n');
    expect(screen(text())).toEqual(['✓ pass diag.sh', '']);
  });

  test('lets no guest steer the terminal: names of subtests are its words', () => {
    const hostile = fc.array(
      fc.constantFrom('\x1b[2J', '\x1b]0;x\x07', '\x9b', '\r', '\x07', '\x00', 'name', 'ü'),
    );
    fc.assert(
      fc.property(hostile, (pieces) => {
        const { stream, text } = output(80);
        const step = terminalProgress(stream).step('Run');
        step.update({ text: pieces.join('') });
        vi.advanceTimersByTime(300);
        step.note(pieces.join(''));
        step.done(pieces.join(''));
        expect(text().replaceAll('\r\x1b[K', '')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });
});
