// SPDX-License-Identifier: GPL-2.0-only
import type { SubtestResult, TestResult } from '../../../results/store/types.ts';
import { resultLine } from '../ktap-line.ts';
import { visibleLine } from './characters.ts';
import { type ExportFormat, lastAttempt } from './export.ts';

/** A message is there to be read; the log has the rest. */
const messageLines = 20;
const lineLength = 2000;

/**
 * Made of the stored results, not of what the tests printed: one TAP 13 document as kselftest's runner.sh writes it,
 * with a nested one for each test. The last attempt of each test counts, earlier ones are remarks.
 *
 * A test or subtest that is `missing` is begun and has no result line, which is what happened. KTAP has no words for
 * `crash` and `error`: `not ok … # ERROR crash: …`.
 */
export const ktap: ExportFormat = {
  name: 'ktap',
  summary: 'KTAP: one document as kselftest’s runner writes it, made of the stored results',
  fileName: (run) => `${run.uuid}.ktap`,
  async *document({ run, tests }) {
    const count = Object.values(run.tests).reduce((sum, n) => sum + n, 0);
    yield `TAP version 13\n1..${count}\n`;
    yield remark('', `${run.branch} ${run.revision} (${run.variant}), run ${run.uuid}`);
    let number = 0;
    for await (const attempts of tests()) yield testLines(attempts, ++number);
  },
};

function testLines(attempts: TestResult[], number: number): string {
  const last = lastAttempt(attempts);
  const test = { ...last, collection: word(last.collection), name: word(last.name) };
  const header = `# selftests: ${test.collection}: ${test.name}\n`;
  const earlier = attempts
    .slice(0, -1)
    .map(({ attempt, outcome }) => remark('# ', `attempt ${attempt}: ${outcome}`));
  const message = test.outcome === 'pass' ? '' : remarks('# ', test.message);
  const body = `${earlier.join('')}${message}${nested(test.subtests)}`;
  if (test.outcome === 'missing') return `${header}${body}`;
  // The runner itself knows no such word; readers of TAP do.
  const result =
    test.outcome === 'xpass'
      ? `ok ${number} selftests: ${test.collection}: ${test.name} # XPASS`
      : resultLine(test, number);
  return `# timeout set to ${Math.round(test.timeoutMs / 1000)}\n${header}${body}${result}\n`;
}

function nested(subtests: SubtestResult[]): string {
  if (subtests.length === 0) return '';
  const reported = subtests.filter(({ outcome }) => outcome !== 'missing');
  const lines = reported.map(
    (subtest, i) => `${remarks('# ', subtest.message)}# ${subtestLine(subtest, i + 1)}\n`,
  );
  // Last, and deeper than the results: another one behind would be taken for what such a header announces.
  const lost = subtests
    .filter(({ outcome }) => outcome === 'missing')
    .map(({ name }) => `#   # Subtest: ${visibleLine(name)}\n`);
  return `# TAP version 13\n# 1..${subtests.length}\n${lines.join('')}${lost.join('')}`;
}

function subtestLine({ name, outcome, markedFlaky, durationMs }: SubtestResult, number: number): string {
  const ok = ['pass', 'skip', 'xfail', 'xpass'].includes(outcome);
  const directives: Record<string, string> = {
    skip: 'SKIP',
    xfail: markedFlaky ? 'IGNORE Flaky' : 'XFAIL',
    xpass: 'XPASS',
    timeout: 'TIMEOUT',
    crash: 'ERROR crash',
    error: 'ERROR error',
  };
  const data = [directives[outcome], durationMs === null ? undefined : `time=${durationMs}ms`].filter(
    Boolean,
  );
  // TAP 14's escape: no `#` of the name begins a directive. A kernel's time stamp would end the line for readers.
  const shown = visibleLine(name)
    .replaceAll('#', '\\#')
    .replace(/(\[ *\d+\.\d{6})\]/g, '$1 ]');
  return `${ok ? 'ok' : 'not ok'} ${number} - ${shown}${data.length > 0 ? ` # ${data.join(' ')}` : ''}`;
}

/** Collections and tests are words in a runner's line: white space, `#`, `%` and controls as in a URL; `-` for none. */
function word(name: string): string {
  return (name || '-').replace(/[\s%#\x00-\x1f\x7f-\x9f]|\p{Surrogate}/gu, (character) =>
    encodeURIComponent(character.toWellFormed()),
  );
}

function remarks(layer: string, message: string): string {
  if (message === '') return '';
  const lines = message.split('\n');
  const left = lines.length - messageLines;
  const shown = left > 0 ? [...lines.slice(0, messageLines), `… and ${left} more lines`] : lines;
  return shown.map((text) => remark(layer, text)).join('');
}

/** Behind `| ` nothing is a result, and a runner's line in it (which readers look for anywhere) is bent. */
function remark(layer: string, text: string): string {
  const shown = visibleLine(text).slice(0, lineLength).replaceAll('selftests: ', 'selftests : ');
  return `${layer}# | ${shown}\n`;
}
