// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { BootTrouble, DamageTrouble, Trouble, UsageTrouble } from '../../vm/trouble.ts';
import { bootWithRetries } from './boot-retry.ts';

const ours = () => new Trouble({ happened: 'QEMU did not start: no memory', next: 'multitap doctor' });
const kernels = () =>
  new BootTrouble({ happened: 'The kernel panicked while booting: no init', console: '' });

/** Boots that fail with these, one after the other, and then work. */
async function boot(failures: unknown[], signal = new AbortController().signal) {
  let tries = 0;
  const told: string[] = [];
  const result = await bootWithRetries(
    async () => {
      const failure = failures[tries++];
      if (failure) throw failure;
      return 'up';
    },
    signal,
    (text) => told.push(text),
    1,
  ).catch((error) => error);
  return { result, tries, told };
}

test('what works is done once', async () => {
  expect(await boot([])).toEqual({ result: { value: 'up', failures: [] }, tries: 1, told: [] });
});

test('our own failure is tried twice more', async () => {
  const { result, told } = await boot([ours(), ours()]);
  expect(result).toEqual({
    value: 'up',
    failures: ['QEMU did not start: no memory', 'QEMU did not start: no memory'],
  });
  expect(told[0]).toBe('The guest could not be started: QEMU did not start: no memory Trying again.');
  const third = ours();
  expect(await boot([ours(), ours(), third])).toMatchObject({ result: third, tries: 3 });
});

test('the kernel’s failure is tried once more, which tells a flaky boot from a broken kernel', async () => {
  expect((await boot([kernels()])).result).toMatchObject({ value: 'up' });
  const second = kernels();
  expect(await boot([kernels(), second])).toMatchObject({ result: second, tries: 2 });
});

test('both sorts are counted apart', async () => {
  expect((await boot([ours(), kernels(), ours()])).tries).toBe(4);
});

test.each([
  ['what was asked for and does not exist', new UsageTrouble({ happened: 'no such module' })],
  ['what is damaged', new DamageTrouble({ happened: 'vmlinux is not what was written there' })],
  ['a mistake of the program', new TypeError('x is undefined')],
])('%s is not tried again', async (_, failure) => {
  expect(await boot([failure])).toMatchObject({ result: failure, tries: 1, told: [] });
});

test('nothing is tried again after an interrupt', async () => {
  const controller = new AbortController();
  controller.abort();
  expect((await boot([ours()], controller.signal)).tries).toBe(1);
});
