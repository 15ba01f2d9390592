// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isBuiltWith, lackingOf, parseConfig } from './kernel-config.ts';

const release = '6.12.0-test';
let kernel: { tree: string; release: string };

beforeAll(async () => {
  kernel = { tree: await mkdtemp(join(tmpdir(), 'multitap-config-')), release };
  await mkdir(join(kernel.tree, 'boot'));
  const config = 'CONFIG_VETH=m\nCONFIG_NET=y\n# CONFIG_KUNIT is not set\nCONFIG_HZ=250\nCONFIG_NAME="a b"\n';
  await writeFile(join(kernel.tree, 'boot', `config-${release}`), config);
});
afterAll(() => rm(kernel.tree, { recursive: true }));

test('an option is built in, a module, or off', async () => {
  expect(await isBuiltWith(kernel, 'CONFIG_VETH')).toBe(true);
  expect(await isBuiltWith(kernel, 'CONFIG_KUNIT')).toBe(false);
  expect(await isBuiltWith({ ...kernel, release: 'other' }, 'CONFIG_VETH')).toBeNull();
});

test.each([
  ['CONFIG_VETH=y\nCONFIG_NET=m\n', []],
  ['CONFIG_KUNIT=m\nCONFIG_NEW=y\nCONFIG_VETH=y\n', ['CONFIG_KUNIT=m', 'CONFIG_NEW=y']],
  ['CONFIG_HZ=250\nCONFIG_NAME="a b"\n', []],
  ['CONFIG_HZ=1000\n', ['CONFIG_HZ=1000']],
  ['CONFIG_NEW=n\n# CONFIG_KUNIT is not set\n', []],
  ['# CONFIG_NET is not set\n', ['# CONFIG_NET is not set']],
  ['# a comment\n\nCONFIG_KUNIT=y\nCONFIG_KUNIT=n\n', []],
  ['CONFIG_KUNIT=y \r\n', ['CONFIG_KUNIT=y']],
  ['', []],
])('%j lacks %j', async (fragment, lacking) => {
  expect(await lackingOf(kernel, fragment)).toEqual(lacking);
  expect(await lackingOf({ ...kernel, release: 'other' }, fragment)).toEqual([]);
});

test('a fragment of any size is read in time', () => {
  const began = performance.now();
  parseConfig(`CONFIG_A=${' \t'.repeat(200_000)}x\n`.repeat(3));
  expect(performance.now() - began).toBeLessThan(2000);
});
