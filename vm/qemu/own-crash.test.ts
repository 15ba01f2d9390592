// SPDX-License-Identifier: GPL-2.0-only
import { expect, test, vi } from 'vitest';
import { Trouble } from '../trouble.ts';
import { againWhereQemuCrashes, hasCrashed, QemuCrash } from './own-crash.ts';

const assertion =
  "qemu-system-x86_64: system/physmem.c:2671: iotlb_to_section: Assertion `section_index < d->map.sections_nb' failed.";

test('a failed assertion and a signal are QEMU’s own crash, an option that it refuses is not', () => {
  expect(hasCrashed(134, '')).toBe(true);
  expect(hasCrashed(139, 'anything')).toBe(true);
  // As virtme-ng hands it on, which has an exit code of its own.
  expect(hasCrashed(255, `${assertion}\nand a line`)).toBe(true);
  expect(hasCrashed(1, '**\nERROR:../hw/core/x.c:12:f: assertion failed: (a < b)')).toBe(true);
  expect(hasCrashed(1, 'qemu-system-x86_64: -accel kvm: failed to initialize kvm')).toBe(false);
  expect(hasCrashed(137, '')).toBe(false);
  expect(hasCrashed(undefined, '')).toBe(false);
});

test('starts again twice, tells of each, and no more', async () => {
  const start = vi.fn<() => Promise<string>>();
  const onNote = vi.fn();
  start.mockRejectedValueOnce(new QemuCrash(assertion)).mockResolvedValueOnce('up');
  expect(await againWhereQemuCrashes(start, onNote)).toBe('up');
  expect(onNote.mock.calls).toEqual([
    [`QEMU crashed while its guest was booting: ${assertion} Starting it again.`],
  ]);
  start.mockReset().mockRejectedValue(new QemuCrash(assertion));
  await expect(againWhereQemuCrashes(start)).rejects.toThrow('--cpus 1');
  expect(start).toHaveBeenCalledTimes(3);
});

test('any other trouble is not tried again', async () => {
  const start = vi.fn().mockRejectedValue(new Trouble({ happened: 'QEMU did not start: no such file' }));
  await expect(againWhereQemuCrashes(start)).rejects.toThrow('no such file');
  expect(start).toHaveBeenCalledTimes(1);
});
