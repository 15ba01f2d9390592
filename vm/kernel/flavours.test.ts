// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { flavours, readFlavour } from './flavours.ts';

test('there is a file for each, and no other', () => {
  const files = readdirSync(join(import.meta.dirname, 'flavours')).sort();
  expect(files).toEqual(
    Object.keys(flavours)
      .map((name) => `${name}.config`)
      .sort(),
  );
});

test('each is merged over normal', async () => {
  const [normal, kunit] = await Promise.all(['normal', 'kunit'].map(readFlavour));
  const options = parseConfig(kunit!.fragment);
  for (const [name, value] of parseConfig(normal!.fragment)) expect(options.get(name), name).toBe(value);
  expect(options.get('CONFIG_MPTCP_KUNIT_TEST')).toBe('m');
  expect(kunit).toMatchObject({ name: 'kunit', profiled: [] });
});

test('several are one, by both names', async () => {
  const both = await readFlavour('kunit+debug');
  expect(both).toMatchObject({ name: 'kunit+debug', profiled: ['net/mptcp'] });
  expect(parseConfig(both.fragment).get('CONFIG_KASAN')).toBe('y');
  expect(parseConfig(both.fragment).get('CONFIG_KUNIT')).toBe('y');
  expect((await readFlavour('normal')).name).toBe('normal');
  expect((await readFlavour('normal+debug')).name).toBe('debug');
});

test.each(['', 'kunitt', 'kunit+', '../../etc/passwd', 'toString'])('%j is refused', async (text) => {
  await expect(readFlavour(text)).rejects.toThrow(/There is no flavour .*\nExpected: one of .*kunit/);
});
