// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { understand } from '../understand/index.ts';
import { auto } from './auto.ts';
import { formats } from './registry.ts';
import { tap } from './tap/index.ts';
import { fixture, recordings } from './testing.ts';

/** A million with MULTITAP_TEST_ALL; the seed is told so that a failure can be met again. */
const all = Boolean(process.env.MULTITAP_TEST_ALL);
const inputs = all ? 1_000_000 : 3000;
const seed = Date.now() % 1e9;
const maxBytes = 4096;

/** xorshift32: small, and the same everywhere. */
function random(start: number): (below: number) => number {
  let state = start | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const real = [
  ...['body-pm_netlink', 'overwritten-pm_netlink', 'runner-diag-timeout-skip', 'runner-join-timeout'],
  ...['runner-pm_netlink', 'runner-simult_flows-failed', 'runner-userspace_pm-failed'],
].map((name) => fixture(`${name}.tap`));
const seeds = [...real, ...recordings('tap'), ...recordings('test_progs')].map((one) =>
  Buffer.isBuffer(one) ? one : one.bytes,
);

const splinters = [
  '\n',
  '\r',
  '\0',
  '\x1b[',
  '# ',
  '  ',
  '\t',
  '#1/1     a/b:OK',
  '[    1.000000] ',
  '[ RUN      ] A.b\n',
  '[       OK ] A.b (0 ms)\n',
  '[==========] 9 tests from 1 test suite ran.\n',
  '1..9',
  'not ',
];

/** A piece of a real log with a few things done to it that cables, disks and programs do. */
function mutate(below: (limit: number) => number): Buffer {
  const pick = (): Buffer => {
    const source = seeds[below(seeds.length)]!;
    const from = below(source.length);
    return Buffer.from(source.subarray(from, from + 1 + below(maxBytes)));
  };
  let bytes = pick();
  for (let round = 1 + below(6); round > 0; round--) {
    const at = below(bytes.length + 1);
    const end = Math.min(bytes.length, at + below(64));
    const [before, middle, behind] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    const parts = [
      () => [before, behind],
      () => [before, middle, middle, behind],
      () => [before, Buffer.from(splinters[below(splinters.length)]!), middle, behind],
      () => [before, Buffer.from([below(256)]), behind],
      () => [before, pick().subarray(0, 512), behind],
      () => [behind, middle, before],
    ];
    bytes = Buffer.concat(parts[below(parts.length)]!());
  }
  return bytes;
}

test(`${inputs} mutated real logs: no throw, no hang, no line that is not there (seed ${seed})`, () => {
  const below = random(seed);
  const parsers = [auto, ...formats];
  let slowest = 0;
  for (let i = 0; i < inputs; i++) {
    const bytes = mutate(below);
    const before = process.cpuUsage();
    const parser = understand('fuzzed', parsers[i % parsers.length]!);
    const cut = below(bytes.length + 1);
    parser.push(bytes.subarray(0, cut));
    parser.push(bytes.subarray(cut));
    const log = parser.end();
    const { user, system } = process.cpuUsage(before);
    slowest = Math.max(slowest, (user + system) / 1000 / Math.max(1, bytes.length / 1024));
    for (const { line, lastLine } of log.tests)
      if (line < 1 || line > lastLine || lastLine > Math.max(1, log.lines))
        throw new Error(`input ${i} of seed ${seed}: lines ${line} to ${lastLine} of ${log.lines}`);
  }
  // Milliseconds of CPU per KiB; real ones take 0.03, and a neighbour or the garbage collector may come in between.
  expect(slowest).toBeLessThan(200);
});

/** Nanoseconds of CPU per byte, of as many rounds as make the clock of the CPU fine enough: the least of three. */
function nsPerByte(log: Buffer): number {
  const rounds = Math.ceil(2e6 / log.length);
  const times = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round++) {
      const parser = tap.parser(() => {});
      for (let at = 0; at < log.length; at += 65_536) parser.push(log.subarray(at, at + 65_536));
      parser.end();
    }
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / (rounds * log.length);
  });
  return Math.min(...times);
}

const sizes = { '1 KB': 1e3, '1 MB': 1e6, ...(all ? { '100 MB': 100e6 } : {}) };

test(`time per byte of mutated logs of ${Object.keys(sizes).join(', ')} (seed ${seed})`, () => {
  const below = random(seed);
  const pieces = Array.from({ length: 400 }, () => mutate(below));
  const long = Buffer.concat(pieces);
  const costs = Object.entries(sizes).map(([name, bytes]) => {
    const log = Buffer.alloc(bytes, long);
    return { name, ns: nsPerByte(log) };
  });
  process.stdout.write(
    `${costs.map(({ name, ns }) => `${name}: ${ns.toFixed(1)} ns CPU per byte`).join(', ')}\n`,
  );
  // Linear: a long one costs no more per byte than a short one, which pays for the parser itself.
  for (const [i, { ns }] of costs.slice(1).entries()) expect(ns).toBeLessThan(2 * costs[i]!.ns);
});
