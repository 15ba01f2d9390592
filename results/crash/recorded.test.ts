// SPDX-License-Identifier: GPL-2.0-only
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { recogniseAll } from './index.ts';
import { kinds } from './kinds.ts';

/** Consoles of real guests, recorded by test/faults/record.ts; its README tells how. */
const folder = join(import.meta.dirname, '../../test/fixtures/crash');
const recorded = globSync(join(folder, '*/*.txt')).sort();

function read(path: string) {
  const text = readFileSync(path);
  const end = text.indexOf('\n\n');
  const head = text.toString('latin1', 0, end);
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(head)![1]!;
  return { kind: field('KIND'), title: field('TITLE'), log: text.subarray(end + 2) };
}

const crashOf = (path: string) => {
  const { kind, log } = read(path);
  return recogniseAll(log).find((report) => report.kind === kind);
};

describe('the console of a real guest', () => {
  test.each(recorded.map((path) => path.slice(folder.length + 1)))('%s: has its kind and title', (name) => {
    const { kind, title, log } = read(join(folder, name));
    const faults = recogniseAll(log).filter((report) => kinds[report.kind].severity !== 'note');
    expect(faults[0]).toMatchObject({ kind, title, corrupt: false });
  });

  test('is of three kernels at least', () => {
    expect(new Set(recorded.map((path) => path.split('/').at(-2))).size).toBeGreaterThanOrEqual(3);
  });

  test('gives the same fault on different kernels one signature, and different faults different ones', () => {
    const signatures = new Map<string, Set<string>>();
    for (const path of recorded) {
      const fault = basename(path, '.txt');
      signatures.set(fault, (signatures.get(fault) ?? new Set()).add(crashOf(path)!.signature));
    }
    const several = [...signatures].filter(([, found]) => found.size > 1).map(([fault]) => fault);
    expect(several).toEqual([]);
    const titles = new Map(recorded.map((path) => [crashOf(path)!.signature, read(path).title]));
    expect(new Set(titles.values()).size).toBe(titles.size);
  });
});
