// SPDX-License-Identifier: GPL-2.0-only

/** Whether this is `script/test --all`: everything is tried, however long it takes. */
export const all = Boolean(process.env.MULTITAP_TEST_ALL);

/** At the end of a title whose test is skipped `where` it is slow, unless all are wanted. */
export function whyNot(where = true): string {
  return where && !all ? ' (not now: it is slow; script/test --all)' : '';
}
