// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { staysInside } from './files-out.ts';

describe('a link in a copy', () => {
  it.each([
    ['beside', 1, true],
    ['deep/below', 1, true],
    ['./beside', 1, true],
    ['../beside', 2, true],
    ['..', 2, true],
    ['.', 1, true],
    ['..', 1, false],
    ['../outside', 1, false],
    ['../../outside', 2, false],
    ['/etc/passwd', 3, false],
    // Whether that is up one folder depends on what `link` is.
    ['link/..', 3, false],
    ['beside', 0, false],
  ])('to %j at depth %i stays inside: %j', (target, depth, expected) => {
    expect(staysInside(target, depth)).toBe(expected);
  });

  it('leads nowhere else, whatever other links of the copy it goes through', () => {
    const names = ['a', 'b', 'c', 'd/a', 'd/b', 'd/e/a', 'd/e/b'];
    const step = fc.constantFrom('a', 'b', 'c', 'd', 'e', '..', '.', '');
    const target = fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => steps.join('/') || '.');
    fc.assert(
      fc.property(fc.array(target, { minLength: names.length, maxLength: names.length }), (targets) => {
        const above = mkdtempSync(join(tmpdir(), 'multitap-test-links-'));
        try {
          const top = join(above, 'x', 'top');
          mkdirSync(join(top, 'd/e'), { recursive: true });
          const made = names.filter((name, i) => {
            const stays = staysInside(targets[i]!, name.split('/').length);
            if (stays) symlinkSync(targets[i]!, join(top, name));
            return stays;
          });
          for (const name of made) {
            let real: string;
            try {
              real = realpathSync(join(top, name));
            } catch {
              continue; // It leads to nothing, or in a circle.
            }
            expect(`${real}${sep}`.startsWith(`${realpathSync(top)}${sep}`)).toBe(true);
          }
        } finally {
          rmSync(above, { recursive: true });
        }
      }),
      // Each makes a tree on the disk.
      { numRuns: process.env.MULTITAP_TEST_ALL ? 5000 : 200 },
    );
  });
});
