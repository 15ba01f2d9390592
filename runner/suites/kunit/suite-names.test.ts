// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidates } from './discover.ts';
import { suitesOfImage, suitesOfModule } from './suite-names.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));

describe('the suites of a module', () => {
  test.each([
    ['mptcp_crypto_test.ko', ['mptcp-crypto']],
    ['kunit-example-test.ko', ['example', 'example_init']],
  ])('%s', (file, names) => expect(suitesOfModule(fixture(file))).toEqual(names));

  test('none of what is no module, or not a whole one', () => {
    const module = fixture('mptcp_crypto_test.ko');
    expect(suitesOfModule(Buffer.from('no module'))).toEqual([]);
    expect(suitesOfModule(Buffer.alloc(0))).toEqual([]);
    expect(suitesOfModule(module.subarray(0, module.length / 2))).toEqual([]);
    expect(suitesOfModule(fixture('image.elf'))).toEqual([]);
  });
});

describe('the suites that are built in', () => {
  test('by the symbols of the image', () => {
    expect(suitesOfImage(fixture('image.elf'))).toEqual(['binfmt_elf', 'exec', 'example_init']);
  });

  test('unknown without symbols', () => {
    expect(suitesOfImage(Buffer.alloc(0))).toBeNull();
    expect(suitesOfImage(Buffer.from('no image'))).toBeNull();
  });

  test('none where an image has symbols, but no table', () => {
    expect(suitesOfImage(fixture('mptcp_crypto_test.ko'))).toEqual([]);
  });
});

test('whatever the bytes, there are names or none', () => {
  const files = ['mptcp_crypto_test.ko', 'kunit-example-test.ko', 'image.elf'].map(fixture);
  const change = fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255));
  // Half of the changes go into the headers, where they matter most.
  const places = fc.array(fc.tuple(change, fc.constantFrom('anywhere', 'first', 'last')), { maxLength: 30 });
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      places,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (file, changes, cut) => {
        const bytes = Buffer.from(file.subarray(0, cut < 0.5 ? file.length : Math.floor(file.length * cut)));
        for (const [[where, value], part] of changes) {
          const size = part === 'anywhere' ? bytes.length : Math.min(bytes.length, 2048);
          const from = part === 'last' ? bytes.length - size : 0;
          if (size > 0) bytes[from + Math.floor(where * size)] = value;
        }
        for (const name of [...suitesOfModule(bytes), ...(suitesOfImage(bytes) ?? [])]) {
          expect(name).not.toBe('');
          expect(name.length).toBeLessThanOrEqual(256);
        }
      },
    ),
  );
});

describe('which modules may be KUnit’s', () => {
  test('of a real kernel: all that are called so', () => {
    const found = candidates(fixture('modules.dep').toString('utf8'));
    expect(found).toContain('kernel/net/mptcp/mptcp_token_test.ko');
    expect(found).toContain('kernel/lib/list-test.ko');
    expect(found).toHaveLength(22);
  });

  test('of a kernel with KUnit as a module: those that need it, whatever they are called', () => {
    const dep = [
      'kernel/lib/kunit/kunit.ko.xz:',
      'kernel/drivers/iio/format.ko.xz: kernel/lib/kunit/kunit.ko.xz kernel/drivers/iio/industrialio.ko.xz',
      'kernel/drivers/iio/industrialio.ko.xz:',
      'kernel/lib/test_bpf.ko.zst:',
      'kernel/net/mptcp/mptcp_diag.ko.xz: kernel/net/ipv4/inet_diag.ko.xz',
      '',
    ];
    expect(candidates(dep.join('\n'))).toEqual([
      'kernel/lib/kunit/kunit.ko.xz',
      'kernel/drivers/iio/format.ko.xz',
      'kernel/lib/test_bpf.ko.zst',
    ]);
  });
});
