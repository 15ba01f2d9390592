// SPDX-License-Identifier: GPL-2.0-only
import { lineFormat } from '../line-format.ts';
import { parseProgsLine, parseProgsSummary } from './line.ts';
import { ProgsReader } from './reader.ts';

/** What tools/testing/selftests/bpf/test_progs prints, with and without `-v` and `-j`. */
export const testProgs = lineFormat({
  name: 'test_progs',
  summary: 'BPF’s `test_progs`: its text, also of parallel runs',
  reader: (onEvent) => new ProgsReader(onEvent),
  sign: (content) => parseProgsLine(content)?.before === '' || parseProgsSummary(content) !== null,
});
