// SPDX-License-Identifier: GPL-2.0-only
import { lineFormat } from '../line-format.ts';
import { parseBegin, parseRan, parseRunning } from './line.ts';
import { GtestReader } from './reader.ts';

/** What programs with googletest print; also kselftest_harness.h before Linux 5.8, which imitated it. */
export const gtest = lineFormat({
  name: 'gtest',
  summary: 'googletest’s own text, also brief, repeated or in colour',
  reader: (onEvent) => new GtestReader(onEvent),
  sign: (content) =>
    content.startsWith('[') &&
    (parseBegin(content) !== null || parseRunning(content) !== null || parseRan(content) !== null),
});
