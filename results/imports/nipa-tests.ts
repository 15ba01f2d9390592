// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { signatureOf } from '../crash/signature.ts';
import { boundName } from '../store/text.ts';
import type { CrashSighting, SubtestReport, TestReport } from '../store/types.ts';
import type { Outcome } from '../words.ts';
import { bareTest } from './bare-test.ts';
import { type ImportEvent, note, problem } from './import.ts';
import { resultBound } from './result-bound.ts';
import { wrong } from './wrong.ts';

/** NIPA itself nests once; deeper names are joined. */
const maxDepth = 16;

/** Its collector has `warn` too, for what is worth a look and fails nothing. */
const word = z.enum(['pass', 'fail', 'skip', 'warn']);
type Word = z.infer<typeof word>;

/** Without these it is no result. */
const needed = z.object({ test: z.string(), result: word });
/** Each is read alone: what is wrong with one takes nothing else with it. */
const optional = {
  retry: word.nullish(),
  time: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,9}(\.\d{1,9})?$/)
        .transform(Number),
    ])
    .nullish(),
  group: z.string().nullish(),
  link: z.string().nullish(),
  crashes: z.array(z.string()).max(1000).nullish(),
  results: z.array(z.unknown()).nullish(),
};
type Parsed = z.infer<typeof needed> & { [Key in keyof typeof optional]?: z.infer<(typeof optional)[Key]> };

/** The tests of one result file, each with its attempts: `result` is the first, `retry` the second. */
export class NipaTests {
  readonly tests: TestReport[][] = [];
  /** What is not stored, and what was made of something. */
  readonly told: ImportEvent[] = [];
  #place: string;
  #startedAt: number;
  #bound = resultBound();

  /** @param place of the file: empty where it was named itself */
  constructor(place: string, startedAt: number) {
    this.#place = place;
    this.#startedAt = startedAt;
  }

  add(where: string, value: unknown): void {
    const parsed = this.#read(where, value);
    if (parsed === null) return;
    const { test: name, group, link, crashes, result, retry } = parsed;
    const attempts: SubtestReport[][] = [[], []];
    this.#subtests(where, parsed.results ?? [], [], attempts);
    const bare = (attempt: 1 | 2, said: Word) =>
      bareTest({
        ...{ collection: group ?? '', name, attempt, outcome: outcomeOf(said) },
        message: [wordsOf(said), said === 'pass' || !link ? '' : `log: ${link}`].filter(Boolean).join('\n'),
        ...{ subtests: attempts[attempt - 1]!, startedAt: this.#startedAt },
        durationMs: attempt === 1 ? msOf(parsed.time) : null,
        ...(attempt === 1 && crashes?.length ? { crashes: crashes.map(sighting) } : {}),
      });
    this.tests.push(retry ? [bare(1, result), bare(2, retry)] : [bare(1, result)]);
    if (!retry && attempts[1]!.length > 0)
      this.#problem(
        where,
        `${attempts[1]!.length} subtests were retried and the test was not: their retries are not stored`,
      );
  }

  /** Each subtest's first and second attempt; one that was not retried is in the first only. */
  #subtests(
    where: string,
    list: readonly unknown[],
    path: readonly string[],
    attempts: SubtestReport[][],
  ): void {
    if (path.length >= maxDepth) {
      this.#problem(where, 'not stored: results nested too deep');
      return;
    }
    for (const [i, value] of list.entries()) {
      const place = `${where}.results[${i}]`;
      const parsed = this.#read(place, value);
      if (parsed === null) continue;
      const { test, result, retry, time, results } = parsed;
      const name = [...path, test].join(' / ');
      const told = (said: Word) => ({ outcome: outcomeOf(said), message: wordsOf(said) });
      const base = { name, line: null, markedFlaky: false };
      attempts[0]!.push({ ...base, ...told(result), durationMs: msOf(time) });
      if (retry) attempts[1]!.push({ ...base, ...told(retry), durationMs: null });
      this.#subtests(place, results ?? [], [...path, boundName(test)], attempts);
    }
  }

  /** Null for what is no result. */
  #read(where: string, value: unknown): Parsed | null {
    this.#bound();
    const own = needed.safeParse(value);
    if (!own.success) {
      this.#problem(where, `not stored: ${wrong(own.error)}`);
      return null;
    }
    const parsed: Parsed = own.data;
    for (const [key, shape] of Object.entries(optional)) {
      const one = shape.safeParse((value as Record<string, unknown>)[key]);
      if (one.success) Object.assign(parsed, { [key]: one.data });
      else this.#problem(`${where}.${key}`, `not stored: ${wrong(one.error)}`);
    }
    if (parsed.result === 'warn' || parsed.retry === 'warn')
      this.told.push(note(this.#at(where), 'NIPA warns: stored as a pass that says so'));
    return parsed;
  }

  #problem(where: string, text: string): void {
    this.told.push(problem(this.#at(where), text));
  }

  #at(where: string): string {
    return [this.#place, where].filter(Boolean).join(' ');
  }
}

const outcomeOf = (said: Word): Outcome => (said === 'warn' ? 'pass' : said);
const wordsOf = (said: Word): string => (said === 'warn' ? 'NIPA warns' : '');

/** Seconds as NIPA counts them; what no clock can have measured is none. */
function msOf(time: number | null | undefined): number | null {
  return typeof time === 'number' && time >= 0 && time < 1e8 ? Math.round(time * 1000) : null;
}

/** NIPA tells the top five functions of a trace and not what it was about. */
function sighting(fingerprint: string): CrashSighting {
  const frames = fingerprint.slice(0, 1000).split(':').filter(Boolean).slice(0, 8);
  return {
    signature: signatureOf('warn', 'NIPA', frames),
    ...{ kind: 'warn', title: `trace in ${frames[0] ?? 'no function'}, told by NIPA`, frames },
    ...{ line: 1, fatal: false },
  };
}
