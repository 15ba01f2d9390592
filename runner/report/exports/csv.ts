// SPDX-License-Identifier: GPL-2.0-only
import type { RunHead, SubtestResult, TestResult } from '../../../results/store/types.ts';
import { visible } from './characters.ts';
import type { ExportFormat } from './export.ts';

const columns = [
  ...['run', 'branch', 'revision', 'variant', 'suite', 'collection', 'test', 'subtest', 'attempt'],
  ...['outcome', 'duration_ms', 'started_at', 'marked_flaky', 'line', 'message'],
];

/** RFC 4180: CRLF ends a record, fields are quoted where they need it, the first record names the columns. */
export const csv: ExportFormat = {
  name: 'csv',
  summary: 'CSV (RFC 4180): a record for every attempt of every test and subtest',
  fileName: (run) => `${run.uuid}.csv`,
  async *document({ run, tests }) {
    yield record(columns);
    for await (const attempts of tests()) {
      for (const test of attempts) {
        yield [
          resultRecord(run, test, null),
          ...test.subtests.map((one) => resultRecord(run, test, one)),
        ].join('');
      }
    }
  },
};

function resultRecord(run: RunHead, test: TestResult, subtest: SubtestResult | null): string {
  const { outcome, durationMs, line, message } = subtest ?? test;
  return record([
    ...[run.uuid, run.branch, run.revision, run.variant, run.suite, test.collection, test.name],
    ...[subtest?.name ?? '', test.attempt, outcome, durationMs, new Date(test.startedAt).toISOString()],
    ...[subtest?.markedFlaky ? 1 : 0, line, message],
  ]);
}

function record(fields: (string | number | null)[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

/** Spreadsheets run a text that begins like a formula, and a guest chose the text: an apostrophe says that it is one. */
const formula = /^[=+\-@\t]/;

function field(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = visible(formula.test(value) ? `'${value}` : value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
