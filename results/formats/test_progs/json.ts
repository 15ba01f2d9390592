// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import type { OnEvent, ResultFormat, ResultParser, TestResult } from '../format.ts';
import { newResult } from '../new-result.ts';
import { Report } from '../report.ts';
import { LineWindow } from '../window.ts';

/** One document has to be in memory as a whole; real ones stay below a megabyte. */
const maxBytes = 32 * 1024 * 1024;

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isObject) : []);
const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;

class JsonSummaryParser implements ResultParser {
  #report: Report;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(onEvent: OnEvent) {
    this.#report = new Report('test_progs_json', onEvent);
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    // The caller may use its buffer again.
    if (this.#bytes <= maxBytes) this.#chunks.push(Uint8Array.from(chunk));
    else this.#chunks = [];
  }

  end(): void {
    const text = Buffer.concat(this.#chunks)
      .toString('utf8')
      .replace(/^\ufeff/, '');
    const lines = text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (this.#bytes > maxBytes) this.#report.lost(0, `more than ${maxBytes} bytes of JSON are not read`);
    else if (text !== '') this.#read(text, lines);
    this.#report.end(lines);
  }

  #read(text: string, lines: number): void {
    const document = parseObject(text);
    if (document === null) {
      this.#report.lost(lines, 'no whole JSON document');
      return;
    }
    let passed = 0;
    let failed = 0;
    for (const test of list(document.results)) {
      const subtests = list(test.subtests);
      for (const subtest of subtests) this.#report.result(resultOf(subtest), 0, 1);
      const result = resultOf(test);
      this.#report.result(result, subtests.length, 0);
      if (result.outcome === 'fail') failed++;
      else passed++;
    }
    const pass = count(document.success) - passed;
    const fail = count(document.failed) - failed;
    this.#report.summary.unnamed = { ...(pass > 0 ? { pass } : {}), ...(fail > 0 ? { fail } : {}) };
    if (count(document.success) + count(document.failed) === 0 && this.#report.results === 0)
      this.#report.summary.skipAll = 'no test was selected';
  }
}

function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function resultOf(fields: Fields): TestResult {
  const name = typeof fields.name === 'string' ? fields.name.slice(0, 8192) : '';
  const window = new LineWindow();
  const message = typeof fields.message === 'string' ? fields.message : '';
  for (const text of message.trimEnd().split('\n').slice(-50)) if (text !== '') window.add(1, text);
  return {
    ...newResult(name, fields.failed === true ? 'fail' : 'pass', 1),
    number: typeof fields.number === 'number' && Number.isSafeInteger(fields.number) ? fields.number : null,
    diagnostics: fields.failed === true ? window.lines() : [],
  };
}

/** `--json-summary`: it names failures (and, with `-v`, the rest); what else passed is only counted. */
export const testProgsJson: ResultFormat = {
  name: 'test_progs_json',
  summary: 'what `test_progs --json-summary` writes: failures by name, the rest counted',
  parser: (onEvent) => new JsonSummaryParser(onEvent),
};
