// SPDX-License-Identifier: GPL-2.0-only
import { lineFormat } from '../line-format.ts';
import { parseVerifierHeader } from './line.ts';
import { VerifierReader } from './reader.ts';

/** What tools/testing/selftests/bpf/test_verifier prints. */
export const testVerifier = lineFormat({
  name: 'test_verifier',
  summary: 'BPF’s `test_verifier`',
  reader: (onEvent) => new VerifierReader(onEvent),
  sign: (content) => parseVerifierHeader(content) !== null,
});
