// SPDX-License-Identifier: GPL-2.0-only
import type { LogRef, ResultReader, TestResult } from '../../../results/store/types.ts';
import { classify } from '../../show/classify.ts';
import { type LogLine, sliceLines } from '../../show/lines.ts';
import { stripAnsi } from '../../show/visible.ts';
import { badSubtests } from './failures.ts';

/** The lines of a log that tell a failure best. */
export interface Excerpt {
  series: number;
  attempt: number;
  kind: LogRef['kind'];
  hash: string;
  /** The line that it is about; null for the end of a log. */
  target: number | null;
  lines: LogLine[];
}

// A page must stay fast when everything fails or a guest fills its logs: the rest is one click away.
const maxTests = 20;
const maxLogBytes = 8_000_000;
const linesShown = 8;
const linesBefore = 3;
/** A kernel report says where it happened only behind its registers. */
const reportLines = 16;

/** Excerpts for the first failures, in their order; none where there is no log or it is too large. */
export async function excerptsOf(reader: ResultReader, failing: readonly TestResult[]): Promise<Excerpt[]> {
  const found = await Promise.all(failing.slice(0, maxTests).map((test) => excerptOf(reader, test)));
  return found.filter((excerpt) => excerpt !== null);
}

async function excerptOf(reader: ResultReader, test: TestResult): Promise<Excerpt | null> {
  const log = tellingLog(test);
  const content = log && log.bytes > 0 && log.bytes <= maxLogBytes ? await reader.log(log.hash) : null;
  if (!log || !content) return null;
  const target = log.kind === 'output' ? test.line : firstReport(content, log.lines);
  const from = target === null ? log.lines - linesShown + 1 : target - linesBefore;
  const count = log.kind === 'console' && target !== null ? reportLines : linesShown;
  const { lines } = sliceLines(content, Math.max(1, from), count);
  return { series: test.series, attempt: test.attempt, kind: log.kind, hash: log.hash, target, lines };
}

/** The console for a crash, else the output where it has more to say than the subtests' own messages. */
function tellingLog(test: TestResult): LogRef | undefined {
  const log = (kind: LogRef['kind']) => test.logs.find((each) => each.kind === kind);
  if (test.outcome === 'crash') return log('console') ?? log('output');
  return test.line !== null || badSubtests(test).length === 0 ? log('output') : undefined;
}

/** The head of the first kernel report; null where there is none. */
function firstReport(content: Uint8Array, lines: number): number | null {
  const all = sliceLines(content, 1, lines).lines;
  return all.find((line) => classify(stripAnsi(line.text)) === 'crash')?.number ?? null;
}
