// SPDX-License-Identifier: GPL-2.0-only
import { flatten } from '../../results/formats/flatten.ts';
import type { ParsedDocument, ResultFormat } from '../../results/formats/format.ts';
import type { SubtestReport } from '../../results/store/types.ts';
import type { ExitReport } from '../../vm/guest/protocol.ts';
import { ksft } from './kselftest.ts';
import type { Verdict } from './planned-test.ts';

/** For a program whose exit code tells everything: what it prints is kept, and nothing is looked for in it. */
export const exitOnly: ResultFormat = {
  name: 'exit',
  summary: 'nothing: the exit code tells',
  parser(onEvent) {
    let lines = 0;
    let open = false;
    return {
      push(chunk) {
        for (const byte of chunk) if (byte === 0x0a) lines++;
        if (chunk.length > 0) open = chunk.at(-1) !== 0x0a;
      },
      end() {
        const known = { plan: null, bailOut: null, complete: true, unnamed: {}, metadata: {} };
        onEvent({ type: 'end', summary: { format: 'exit', ...known, lines: lines + (open ? 1 : 0) } });
      },
    };
  },
};

/**
 * What a program came to that knows nothing of kselftest's exit codes, of which 2 and 3 are XFAIL and XPASS: 0 is a
 * pass, 4 a skip as there, anything else a failure.
 */
export function byExitCode(
  { code }: Pick<ExitReport, 'code'>,
  document: ParsedDocument,
): { verdict: Verdict; subtests: SubtestReport[] } {
  const subtests = flatten(document.tests);
  if (code === ksft.skip || (code === 0 && document.skipAll !== undefined))
    return { verdict: { outcome: 'skip', message: '' }, subtests };
  if (code === 0) return { verdict: { outcome: 'pass', message: '' }, subtests };
  return { verdict: { outcome: 'fail', message: `exit code ${code}` }, subtests };
}
