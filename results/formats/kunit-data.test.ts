// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countOutcomes } from '../words.ts';
import { auto } from './auto.ts';
import type { ParsedDocument } from './format.ts';
import { findFormat, parseWhole } from './registry.ts';
import { allTests } from './testing.ts';

/**
 * The logs that kunit_parser is tested with, of every kernel source in the cache: what their names say, read from
 * tools/testing/kunit/kunit_tool_test.py. They are the kernel's, so they are not copied.
 */
function findLogs(): string[] {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const sources = join(process.env.MULTITAP_CACHE ?? join(cache, 'multitap'), 'source');
  if (!existsSync(sources)) return [];
  const all = readdirSync(sources).map((name) => join(sources, name, 'tree/tools/testing/kunit/test_data'));
  return all.filter((folder) => existsSync(folder));
}

/** `10 pass, 1 missing`, of the innermost results; then whether all of it was there. */
function said(document: ParsedDocument): string {
  const leaves = allTests(document.tests).filter(({ subtests }) => subtests.length === 0);
  const counts = Object.entries(countOutcomes(leaves.map(({ outcome }) => outcome)));
  const parts = counts.filter(([, count]) => count > 0).map(([outcome, count]) => `${count} ${outcome}`);
  return `${parts.join(', ')}${document.complete ? '' : ', incomplete'}`;
}

const folders = findLogs();

test('there are sources of a kernel', (ctx) => {
  if (folders.length === 0) ctx.skip('no kernel source in the cache: multitap run fetches one');
  expect(folders.length).toBeGreaterThan(0);
});

describe.each(folders)('%s', (folder) => {
  test.each([
    ['test_config_printk_time.log', '10 pass'],
    ['test_interrupted_tap_output.log', '10 pass'],
    ['test_is_test_passed-all_passed.log', '10 pass'],
    ['test_is_test_passed-all_passed_nested.log', '7 pass'],
    ['test_is_test_passed-failure.log', '9 pass, 1 fail'],
    ['test_is_test_passed-kselftest.log', '4 pass(, 1 skip)?'],
    ['test_is_test_passed-missing_plan.log', '10 pass'],
    ['test_is_test_passed-no_tests_no_plan.log', '1 pass'],
    ['test_is_test_passed-no_tests_run_no_header.log', ', incomplete'],
    ['test_is_test_passed-no_tests_run_with_header.log', ''],
    ['test_kernel_panic_interrupt.log', '8 pass, incomplete'],
    ['test_multiple_prefixes.log', '10 pass'],
    ['test_output_with_prefix_isolated_correctly.log', '10 pass'],
    ['test_parse_attributes.log', '1 pass'],
    ['test_parse_ktap_output.log', '3 pass'],
    ['test_parse_subtest_header.log', '1 pass'],
    ['test_pound_no_prefix.log', '10 pass'],
    ['test_pound_sign.log', '10 pass'],
    ['test_skip_all_tests.log', '5 skip'],
    ['test_skip_tests.log', '4 pass, 1 skip'],
    ['test_strip_hyphen.log', '2 pass'],
  ])('%s: %s', (name, expected) => {
    const path = join(folder, name);
    // Older kernels have fewer of them.
    if (!existsSync(path)) return;
    const bytes = readFileSync(path);
    const found = ['tap', 'console'].map((format) => said(parseWhole(findFormat(format)!, bytes)));
    for (const one of [...found, said(parseWhole(auto, bytes))])
      expect(one).toMatch(new RegExp(`^${expected}$`));
  });
});
