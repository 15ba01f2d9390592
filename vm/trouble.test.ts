// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { BootTrouble, Trouble, UsageTrouble } from './trouble.ts';

test('the message tells all parts in their order', () => {
  const cause = new Error('ENOSPC');
  const trouble = new Trouble({
    happened: 'The disk is full.',
    expected: '4 GiB',
    next: 'multitap rootfs prune',
    log: 'build.log',
    cause,
  });
  expect(trouble.message).toBe(
    'The disk is full.\nExpected: 4 GiB\nDo: multitap rootfs prune\nLog: build.log',
  );
  expect(trouble.cause).toBe(cause);
  expect(trouble.parts.next).toBe('multitap rootfs prune');
});

test('parts that are not there leave no line', () => {
  expect(new Trouble({ happened: 'It broke.' }).message).toBe('It broke.');
  expect(new Trouble({ happened: 'It broke.', next: 'mend it' }).message).toBe('It broke.\nDo: mend it');
});

test('each kind is told by its class and its name', () => {
  const usage = new UsageTrouble({ happened: 'x' });
  const boot = new BootTrouble({ happened: 'x', console: 'Kernel panic' });
  expect(usage).toBeInstanceOf(Trouble);
  expect(usage.name).toBe('UsageTrouble');
  expect(boot).toBeInstanceOf(Trouble);
  expect(boot).not.toBeInstanceOf(UsageTrouble);
  expect(boot.name).toBe('BootTrouble');
  expect(boot.console).toBe('Kernel panic');
});
