// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultRecipe, recipeHash } from './recipe.ts';

describe('the hash of a recipe', () => {
  test('does not depend on the order in which packages are named', () => {
    const packages = fc.uniqueArray(fc.constantFrom(...defaultRecipe.packages));
    fc.assert(
      fc.property(
        packages.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(recipeHash({ suite: 'trixie', packages: shuffled })).toBe(
            recipeHash({ suite: 'trixie', packages: list }),
          );
        },
      ),
    );
  });

  test('changes with the suite and with every package', () => {
    const { packages } = defaultRecipe;
    const others = [
      { suite: 'forky', packages },
      ...packages.map((left) => ({ suite: 'trixie', packages: packages.filter((name) => name !== left) })),
      { suite: 'trixie', packages: [...packages, 'strace'] },
    ];
    const hashes = new Set([defaultRecipe, ...others].map(recipeHash));
    expect(hashes.size).toBe(others.length + 1);
  });

  test('names a folder', () => {
    expect(recipeHash(defaultRecipe)).toMatch(/^[0-9a-f]{16}$/);
  });
});

test('the default recipe names every package once, and what multitap itself calls', () => {
  expect(new Set(defaultRecipe.packages).size).toBe(defaultRecipe.packages.length);
  expect(defaultRecipe.packages).toEqual(
    expect.arrayContaining([
      'erofs-utils',
      'qemu-system-x86',
      'kmod',
      'cpio',
      'build-essential',
      'zstd',
      'xz-utils',
    ]),
  );
});
