// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Console } from './console.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'multitap-console-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function openConsole(): Console {
  const console = new Console(join(dir, 'console.log'));
  onTestFinished(() => console.close());
  return console;
}

function useFakeTime(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

/** Pushes a text cut into pieces of these lengths, the rest at the end. */
function pushCut(console: Console, text: string, lengths: number[]): void {
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    console.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
}

const stamp = '[   12.345678] ';
/** Both words the same: which is which is told by what stands before them. */
const words = (id: number) => ({ begin: id, end: id });
const begin = (id: number) => `${stamp}multitap: begin ${id}\r\n`;
const end = (id: number) => `${stamp}multitap: end ${id}\r\n`;

describe('what the kernel said during an exec', () => {
  // Neither marks nor their halves, but all that surrounds them on a serial port.
  const line = fc.constantFrom(
    '',
    `${stamp}eth0: link up\r`,
    'multitap: begin',
    'multitap: end 1x',
    'said multitap: begin 7 and more',
    '\xff\x00\xfe',
    'x'.repeat(5000),
  );
  const lines = fc.array(line, { maxLength: 6 }).map((all) => all.map((text) => `${text}\n`).join(''));
  const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 80 });

  test('is what stands between its marks, wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(lines, lines, lines, cuts, async (before, during, after, at) => {
        const console = openConsole();
        pushCut(console, `${before}${begin(7)}${during}${end(7)}${after}`, at);
        expect((await console.during(words(7), 0)).toString('latin1')).toBe(during);
      }),
      { numRuns: 300 },
    );
  });

  test('is found in a line that is longer than any, in whatever pieces it came', async () => {
    const noise = 'x'.repeat(10_000);
    for (const at of [[], [5000], [4096, 5904], Array(100).fill(100)]) {
      const console = openConsole();
      pushCut(console, `${begin(1)}text\n${noise}multitap: end 1\n`, at);
      expect((await console.during(words(1), 0)).toString()).toBe('text\n');
    }
  });

  test('of programs that overlap is told for each', async () => {
    const console = openConsole();
    pushCut(console, `${begin(1)}a\n${begin(2)}b\n${end(1)}c\n${end(2)}`, []);
    expect((await console.during(words(1), 0)).toString()).toBe(`a\n${begin(2)}b\n`);
    expect((await console.during(words(2), 0)).toString()).toBe(`b\n${end(1)}c\n`);
  });

  test('waits for an end mark that is on its way, and no longer', async () => {
    const console = openConsole();
    useFakeTime();
    pushCut(console, `${begin(3)}Oops\n`, []);
    const said = console.during(words(3), 0);
    setTimeout(() => pushCut(console, `more\n${stamp}multitap: e`, []), 20);
    setTimeout(() => pushCut(console, 'nd 3\r\nlater\n', []), 60);
    await vi.advanceTimersByTimeAsync(60);
    // Nothing moves the clock on: were it to wait for more than the mark, this would time out.
    expect((await said).toString()).toBe('Oops\nmore\n');
  });

  test('without an end mark is all that came in the second after', async () => {
    const console = openConsole();
    useFakeTime();
    pushCut(console, `${begin(4)}panic\n`, []);
    const said = console.during(words(4), 0);
    setTimeout(() => pushCut(console, 'trace\n', []), 999);
    setTimeout(() => pushCut(console, 'too late\n', []), 1001);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await said).toString()).toBe('panic\ntrace\n');
  });

  test('without a begin mark starts where the caller says', async () => {
    const console = openConsole();
    pushCut(console, 'boot\n', []);
    const since = console.position;
    pushCut(console, `quiet kernel\n${end(5)}`, []);
    expect((await console.during(words(5), since)).toString()).toBe('quiet kernel\n');
  });

  test('is not shortened by a program that repeats what it read in the log', async () => {
    const console = openConsole();
    pushCut(console, `${begin(7)}Oops\n${end(7)}${begin(7)}more\n${end(8)}`, []);
    expect((await console.during({ begin: 7, end: 8 }, 0)).toString()).toBe(
      `Oops\n${end(7)}${begin(7)}more\n`,
    );
  });

  test('with marks that a test forged in the wrong order is nothing, not an error', async () => {
    const console = openConsole();
    pushCut(console, `${end(6)}text\n${begin(6)}`, []);
    expect((await console.during(words(6), 0)).length).toBe(0);
  });
});

describe('a kernel that prints for ever', () => {
  test('fills 64 MiB of the disk and no more; the tail stays up to date', async () => {
    const console = openConsole();
    const chunk = Buffer.alloc(1 << 20, `${'spam '.repeat(204)}ham\n`);
    for (let i = 0; i < 65; i++) console.push(chunk);
    console.push(Buffer.from('Kernel panic - not syncing: at last\n'));
    expect(console.position).toBe(64 << 20);
    expect(console.dropped).toBe((1 << 20) + 36);
    expect(statSync(console.path).size).toBe(64 << 20);
    expect(console.tail()).toMatch(/ham\nKernel panic - not syncing: at last\n$/);
    expect(console.slice((64 << 20) - 5, (64 << 20) + 100).length).toBe(5);
  });
});

test('the tail is the last 32 KiB, without carriage returns', () => {
  const console = openConsole();
  pushCut(
    console,
    `first\n${'y'.repeat(40_000)}\r\nlast ü\r\n`.replace('ü', '\xc3\xbc'),
    Array(50).fill(777),
  );
  expect(console.tail()).toMatch(/^y+\nlast ü\n$/);
  expect(Buffer.byteLength(console.tail())).toBe((32 << 10) - 2);
});

test('each line is told with the time at which it arrived and the kernel’s own', () => {
  const console = openConsole();
  const began = performance.now();
  pushCut(console, '[    1.000000] first\r\nha', []);
  const between = performance.now();
  while (performance.now() < between + 20);
  pushCut(console, 'lf\n[    1.020000] second\n', []);
  const [first, half, second] = [...console.lines(0, console.position)];
  expect(first).toMatchObject({ text: '[    1.000000] first', kernelMs: 1000 });
  expect(half).toMatchObject({ text: 'half', kernelMs: null, arrivedMs: first!.arrivedMs });
  expect(second).toMatchObject({ text: '[    1.020000] second', kernelMs: 1020 });
  expect(second!.arrivedMs - first!.arrivedMs).toBeGreaterThanOrEqual(20);
  expect(second!.arrivedMs - first!.arrivedMs).toBeLessThanOrEqual(performance.now() - began + 1);
});

test('a listener hears everything, also what is no longer kept, until it has enough', () => {
  const console = openConsole();
  const heard: string[] = [];
  const end = console.listen((chunk) => heard.push(chunk.toString()));
  pushCut(console, 'one', [1]);
  end();
  pushCut(console, 'two', []);
  expect(heard.join('')).toBe('one');
});

test('any stretch can be read back', () => {
  const console = openConsole();
  pushCut(console, '0123456789', [3, 3]);
  expect(console.slice(2, 7).toString()).toBe('23456');
  expect(console.slice(8, 100).toString()).toBe('89');
  expect(console.slice(7, 2).toString()).toBe('');
});

test('what still comes when it is closed is let go of: the socket may outlive the machine', () => {
  const console = openConsole();
  console.push(Buffer.from('last words\n'));
  console.close();
  console.close();
  expect(() => console.push(Buffer.from('an echo\n'))).not.toThrow();
  expect(console.tail()).toContain('last words');
});
