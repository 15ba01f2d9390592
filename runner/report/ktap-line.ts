// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os';
import type { TestReport } from '../../results/store/types.ts';
import { printable } from './text.ts';

/** What a shell makes of a signal, and runner.sh is a shell script. */
function shellCode(signal: string | null): number {
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/** The result line of kselftest's runner.sh for a test. */
export function resultLine(test: Omit<TestReport, 'logs'>, number: number): string {
  const name = `${number} selftests: ${test.collection}: ${test.name}`;
  switch (test.outcome) {
    case 'pass':
      return `ok ${name}`;
    case 'skip':
      return `ok ${name} # SKIP`;
    case 'xfail':
      return `ok ${name} # XFAIL`;
    case 'timeout':
      return `#\nnot ok ${name} # TIMEOUT ${Math.round(test.timeoutMs / 1000)} seconds`;
    case 'fail':
    case 'xpass':
      return `not ok ${name} # exit=${test.exitCode ?? shellCode(test.signal)}`;
    default:
      return `not ok ${name} # ERROR ${test.outcome}: ${printable(test.message.split('\n')[0] ?? '')}`;
  }
}
