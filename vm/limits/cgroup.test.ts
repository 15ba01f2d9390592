// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makeGroup } from './cgroup.ts';
import { counter, words } from './group-files.ts';
import { findGroups, groupPlace } from './group-place.ts';

// What groups do is tested where there certainly are some: test/limits-cgroup.test.ts.
test('this machine either gives groups, which then hold what they are asked to, or none', async () => {
  const limits = { memoryBytes: 2 ** 30, processes: 20 };
  await findGroups();
  const place = groupPlace();
  const group = makeGroup(limits);
  expect(group === null).toBe(place === null);
  if (!group || !place) return;
  const [file, ...args] = [
    ...group.prefix,
    'sh',
    '-c',
    'cat /proc/self/cgroup; for i in 1 2 3; do sleep 0 & done; wait',
  ];
  const { stdout } = await execa(file!, args);
  expect(stdout).toContain(`multitap-${process.pid}-`);
  expect(group.excess()).toBeNull();
  await group.remove();
  expect(existsSync(join(place.path, `multitap-${process.pid}-0`))).toBe(false);
});

test('files of groups are read where they are there', () => {
  expect(words('/proc/sys/kernel/ostype')).toEqual(['Linux']);
  expect(words('/not/there')).toEqual([]);
  expect(counter('/proc/vmstat', 'pgfault')).toBeGreaterThan(0);
  expect(counter('/proc/vmstat', 'no_such_counter')).toBe(0);
  expect(counter('/not/there', 'oom_kill')).toBe(0);
});
