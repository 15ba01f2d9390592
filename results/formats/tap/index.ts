// SPDX-License-Identifier: GPL-2.0-only
import { lineFormat } from '../line-format.ts';
import { parseBailOut, parsePlan, parseRunnerHeader, parseVersion } from './other-lines.ts';
import { TapReader } from './reader.ts';
import { parseResultLine } from './result-line.ts';

/**
 * TAP as kernels and their selftests speak it: TAP 13 and 14, KTAP 1 (Documentation/dev-tools/ktap.rst),
 * kselftest's runner.sh, kselftest.h and ktap_helpers.sh, net/mptcp's mptcp_lib.sh, KUnit in a kernel log.
 */
export const tap = lineFormat({
  name: 'tap',
  aliases: ['ktap'],
  summary: 'TAP 13/14, KTAP, kselftest and KUnit output, also inside a kernel log',
  reader: (onEvent) => new TapReader(onEvent),
  sign: (content) =>
    parseVersion(content) !== null ||
    parsePlan(content) !== null ||
    parseBailOut(content) !== null ||
    parseRunnerHeader(content) !== null ||
    parseResultLine(content)?.certain === true,
});
