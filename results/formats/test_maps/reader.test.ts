// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { outline, parseAs } from '../testing.ts';
import { testMaps } from './index.ts';

const parse = (...lines: string[]) => parseAs(testMaps, ...lines);

test('its last line is the result, the parts that it names are subtests', () => {
  const document = parse(
    "Fork 1024 tasks to 'test_update_delete'",
    'test_array_map_batch_ops:PASS',
    'test_array_map_batch_ops:PASS with inner HASH map',
    'test_task_storage_map_stress_lookup SKIP (no CONFIG_PREEMPT)',
    'test_maps: OK, 1 SKIPPED',
  );
  expect(outline(document)).toBe(
    'pass test_maps (pass test_array_map_batch_ops, pass test_array_map_batch_ops with inner HASH map, ' +
      'skip test_task_storage_map_stress_lookup)',
  );
  expect(document).toMatchObject({ complete: true, problems: [] });
});

test('it stops at its first failure', () => {
  const document = parse("Fork 100 tasks to 'x'", 'test_sockmap(812):FAIL:sockmap errno 22', 'more');
  expect(outline(document)).toBe('fail test_maps (fail test_sockmap)');
  expect(document.tests[0]?.subtests[0]).toMatchObject({ reason: 'sockmap errno 22', line: 2 });
});

test('a failed assertion', () => {
  const line = "test_maps: test_maps.c:55: test_hashmap: Assertion `bpf_map_update_elem() == 0' failed.";
  expect(outline(parse(line))).toBe('fail test_maps (fail test_hashmap)');
});

test('a log that is cut', () => {
  const document = parse('test_lpm_key_size:PASS');
  expect(outline(document)).toBe('missing test_maps (pass test_lpm_key_size)');
  expect(document.complete).toBe(false);
});
