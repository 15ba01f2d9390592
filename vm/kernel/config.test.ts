// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootImage } from './boot-image.ts';
import { mergeFragments, notSticking, parseConfig } from './config.ts';

describe('a configuration', () => {
  test('as Kconfig writes it', () => {
    const text = [
      '#',
      '# Automatically generated file; DO NOT EDIT.',
      '# Linux/x86 6.12.107 Kernel Configuration',
      'CONFIG_CC_VERSION_TEXT="gcc (Debian 14.2.0-19) 14.2.0"',
      'CONFIG_MPTCP=y',
      '# CONFIG_KUNIT_FAULT_TEST is not set',
      'CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE=40000\r',
      '',
    ];
    expect([...parseConfig(text.join('\n'))]).toEqual([
      ['CONFIG_CC_VERSION_TEXT', '"gcc (Debian 14.2.0-19) 14.2.0"'],
      ['CONFIG_MPTCP', 'y'],
      ['CONFIG_KUNIT_FAULT_TEST', 'n'],
      ['CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE', '40000'],
    ]);
  });

  test.each(['# CONFIG_A=y', 'A=y', ' CONFIG_A=y', 'CONFIG_A', '# CONFIG_A is not set, is it?'])(
    '%j is a comment',
    (line) => expect(parseConfig(line).size).toBe(0),
  );
});

describe('fragments', () => {
  test('the later one decides, and stands where it is said', () => {
    expect(mergeFragments(['CONFIG_A=y\nCONFIG_B=m', '# CONFIG_A is not set\nCONFIG_C="x"'])).toBe(
      'CONFIG_B=m\n# CONFIG_A is not set\nCONFIG_C="x"\n',
    );
  });

  test('merging what is merged changes nothing', () => {
    const line = fc
      .tuple(fc.constantFrom('A', 'B', 'C1'), fc.constantFrom('y', 'm', 'n', '7', '"a b"'))
      .map(([name, value]) => (value === 'n' ? `# CONFIG_${name} is not set` : `CONFIG_${name}=${value}`));
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
        const once = mergeFragments(lines);
        expect(mergeFragments([once])).toBe(once);
        expect(notSticking(once, once)).toEqual([]);
      }),
    );
  });
});

test('what did not stick: unknown, switched off for what it depends on, and built in instead of a module', () => {
  const asked =
    'CONFIG_NO_SUCH=y\nCONFIG_OFF=m\nCONFIG_TRISTATE=m\n# CONFIG_SELECTED is not set\nCONFIG_GOOD=y\n';
  const got = '# CONFIG_OFF is not set\nCONFIG_TRISTATE=y\nCONFIG_SELECTED=y\nCONFIG_GOOD=y\n';
  expect(notSticking(asked, got)).toEqual([
    'CONFIG_NO_SUCH=n instead of y',
    'CONFIG_OFF=n instead of m',
    'CONFIG_TRISTATE=y instead of m',
    'CONFIG_SELECTED=y instead of n',
  ]);
});

test.each([
  ['with the PVH entry', 'CONFIG_PVH=y\n# CONFIG_KASAN is not set\n', 'vmlinux'],
  ['without', '# CONFIG_PVH is not set\n', 'bzImage'],
  ['with KASAN', 'CONFIG_PVH=y\nCONFIG_KASAN=y\n', 'bzImage'],
  ['of which nothing is known', null, 'bzImage'],
])('what a kernel %s is booted from', (_, config, image) => expect(bootImage(config)).toBe(image));
