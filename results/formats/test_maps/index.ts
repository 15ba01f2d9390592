// SPDX-License-Identifier: GPL-2.0-only
import { lineFormat } from '../line-format.ts';
import { MapsReader, parseMapsEnd, parseMapsFailure } from './reader.ts';

/** What tools/testing/selftests/bpf/test_maps prints: little, until its last line. */
export const testMaps = lineFormat({
  name: 'test_maps',
  summary: 'BPF’s `test_maps`',
  reader: (onEvent) => new MapsReader(onEvent),
  sign: (content) => parseMapsEnd(content) !== null || parseMapsFailure(content) !== null || isFork(content),
});

/** test_maps.c: run_parallel(). */
function isFork(content: string): boolean {
  return /^Fork \d{1,9} tasks to '\w+'$/.test(content);
}
