// SPDX-License-Identifier: GPL-2.0-only
import type { ResultFormat } from '../format.ts';
import { TapParser } from './parser.ts';

export { NO_RESULT } from './report.ts';
export { uniqueNames } from './unique-names.ts';

/**
 * TAP as kernels and their selftests speak it: TAP 13 and 14, KTAP 1 (Documentation/dev-tools/ktap.rst),
 * kselftest's runner.sh, kselftest.h and ktap_helpers.sh, net/mptcp's mptcp_lib.sh, KUnit in a kernel log.
 */
export const tap: ResultFormat = {
  name: 'tap',
  summary: 'TAP 13/14, KTAP, kselftest and KUnit output, also inside a kernel log',
  parser: (onResult) => new TapParser(onResult),
};
