// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseDenials, readDenials } from './denials.ts';

describe('a list of what is not to be run', () => {
  const reasons = (text: string) => parseDenials(text, 'f').map(({ pattern, reason }) => [pattern, reason]);

  test('has the reason behind the pattern, or above it', () => {
    const text = [
      '# TEMPORARY',
      'get_stack_raw_tp    # spams with kernel warnings until next bpf -> bpf-next merge',
      'stacktrace_build_id',
      'task_fd_query_rawtp\r',
      '',
      'xdp_bonding/*',
      '# needs a PMU,',
      '# which guests lack',
      'perf_link',
      '# other',
      'x # ',
    ].join('\n');
    expect(reasons(text)).toEqual([
      ['get_stack_raw_tp', 'spams with kernel warnings until next bpf -> bpf-next merge'],
      ['stacktrace_build_id', 'TEMPORARY'],
      ['task_fd_query_rawtp', 'TEMPORARY'],
      ['xdp_bonding/*', 'no reason is given'],
      ['perf_link', 'needs a PMU, which guests lack'],
      ['x', 'other'],
    ]);
  });

  test('of whatever is taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '#', ' ', '\n', '/', '\r', '*') }), (text) => {
        for (const { pattern, reason } of parseDenials(text, 'f')) {
          expect(pattern).toMatch(/^[^#\n]+$/);
          expect(reason).not.toBe('');
        }
      }),
    );
  });

  test('is read from a file, or is the pattern itself', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'multitap-deny-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, 'DENYLIST'), 'a # why\n');
    expect(await readDenials(['b', `@${join(dir, 'DENYLIST')}`])).toEqual([
      { pattern: 'b', reason: 'no reason is given', from: '--deny' },
      { pattern: 'a', reason: 'why', from: 'DENYLIST' },
    ]);
    await expect(readDenials([`@${join(dir, 'none')}`])).rejects.toThrow('cannot be read');
  });
});
