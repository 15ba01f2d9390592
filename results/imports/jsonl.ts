// SPDX-License-Identifier: GPL-2.0-only
import type { RunStart, SubtestReport, TestReport } from '../store/types.ts';
import {
  ImportError,
  type ImportEvent,
  type ImportFile,
  type ImportFormat,
  type ImportOptions,
  MiB,
  note,
  problem,
} from './import.ts';
import { endShape, type RunLine, runShape, subtestShape, testShape } from './jsonl-shapes.ts';
import { bounded } from './read-file.ts';
import { type JsonLine, jsonLines } from './read-json-lines.ts';
import { resultBound } from './result-bound.ts';
import { runStart } from './run-start.ts';
import { wrong } from './wrong.ts';

/** What is told of one run; a file of noise has a fault in each line. */
const maxProblems = 100;

/**
 * What `multitap export --format jsonl` writes: a run, the attempts of its tests, behind each its subtests, and how many
 * there were. Several exports in one file are several runs. They keep their UUIDs. Logs are not in it.
 *
 * A run is stored whole or not at all: of one that was cut nobody could tell later that there was more.
 */
export const jsonl: ImportFormat = {
  name: 'jsonl',
  summary: 'JSON Lines as `multitap export` writes them',
  maxBytes: 256 * MiB,
  async *read(file, options) {
    let open: Run | null = null;
    for await (const line of jsonLines(bounded(file, this.maxBytes))) {
      if (line.value.type !== 'run') {
        if (open === null)
          throw new ImportError(`${line.place} comes before any run: it is no export of multitap`);
        open.add(line);
        continue;
      }
      if (open !== null) yield* open.end();
      open = new Run(line, file, options);
    }
    if (open === null) throw new ImportError('holds no run: it is no export of multitap');
    yield* open.end();
  },
};

/** A run while its lines come. */
class Run {
  #place: string;
  #run: RunLine;
  #start: RunStart;
  #tests: TestReport[][] = [];
  #problems: ImportEvent[] = [];
  #logs = 0;
  #bound: () => void;
  /** Lines of tests and of subtests. */
  #lines = { test: 0, subtest: 0 };
  #isWhole = false;

  /** @throws ImportError for a line that does not tell what was tested: nothing of the run could be stored */
  constructor(line: JsonLine, file: ImportFile, options: ImportOptions) {
    const parsed = runShape.safeParse(line.value);
    if (!parsed.success) throw new ImportError(`${line.place} is no run of multitap: ${wrong(parsed.error)}`);
    this.#place = line.place;
    this.#bound = resultBound(`the run of ${line.place}`);
    this.#run = parsed.data;
    this.#start = startOf(this.#run, file, options);
  }

  add(line: JsonLine): void {
    const { type } = line.value;
    if (type === 'test' || type === 'subtest') {
      this.#lines[type]++;
      this.#bound();
    }
    if (this.#isWhole) this.#tell(line, 'stands behind the end of its run');
    else if (type === 'test') this.#addTest(line);
    else if (type === 'subtest') this.#addSubtest(line);
    else if (type === 'end') this.#close(line);
    else this.#tell(line, 'neither a run nor a test nor a subtest');
  }

  *end(): Iterable<ImportEvent> {
    yield* this.#problems;
    const reason = this.#whyNot();
    if (reason !== null) {
      yield problem(this.#place, `run ${this.#run.uuid} is not stored: ${reason}`);
      return;
    }
    if (this.#logs > 0) yield note(this.#place, `${this.#logs} logs are named and not part of an export`);
    const { state, startedAt, finishedAt, reason: why } = this.#run;
    const end = {
      state: state as Exclude<typeof state, 'running'>,
      finishedAt: finishedAt ?? startedAt,
      reason: why,
    };
    yield { type: 'run', run: { place: this.#place, start: this.#start, tests: this.#tests, end } };
  }

  #whyNot(): string | null {
    if (this.#run.state === 'running')
      return 'it was still running when it was exported; export it when it is over';
    if (!this.#isWhole) return 'it has no end: the file was cut; export it again';
    return this.#problems.length > 0 ? 'not all of its lines are understood' : null;
  }

  #close(line: JsonLine): void {
    const parsed = endShape.safeParse(line.value);
    const { test, subtest } = this.#lines;
    if (parsed.success && parsed.data.tests === test && parsed.data.subtests === subtest)
      this.#isWhole = true;
    else if (parsed.success)
      this.#tell(
        line,
        `${parsed.data.tests} tests and ${parsed.data.subtests} subtests were written, there are ${test} and ${subtest}`,
      );
    else this.#tell(line, wrong(parsed.error));
  }

  #addTest(line: JsonLine): void {
    const parsed = testShape.safeParse(line.value);
    if (!parsed.success) {
      this.#tell(line, wrong(parsed.error));
      return;
    }
    const { type: _type, logs, crashes, ...test } = parsed.data;
    this.#logs += logs?.length ?? 0;
    const report = { ...test, subtests: [], logs: [], ...(crashes === undefined ? {} : { crashes }) };
    const last = this.#tests.at(-1)?.at(-1);
    const isNext = last && last.collection === test.collection && last.name === test.name;
    if (isNext && last.attempt < test.attempt) this.#tests.at(-1)!.push(report);
    else this.#tests.push([report]);
  }

  #addSubtest(line: JsonLine): void {
    const parsed = subtestShape.safeParse(line.value);
    if (!parsed.success) {
      this.#tell(line, wrong(parsed.error));
      return;
    }
    const { type: _type, collection, test, attempt, ...subtest } = parsed.data;
    const last = this.#tests.at(-1)?.at(-1);
    if (last?.collection === collection && last.name === test && last.attempt === attempt)
      last.subtests.push(subtest satisfies SubtestReport);
    else this.#tell(line, 'a subtest that does not stand behind its test');
  }

  #tell({ place }: JsonLine, text: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push(problem(place, `not stored: ${text}`));
  }
}

/** Its own words for what was tested; its command is kept as one, and not as what repeats the import. */
function startOf(run: RunLine, file: ImportFile, options: ImportOptions): RunStart {
  const branch = {
    name: run.branch,
    ...(run.branchUrl ? { url: run.branchUrl } : {}),
    ...(run.branchRef ? { ref: run.branchRef } : {}),
  };
  const commit = run.commit ? { commit: run.commit } : {};
  const revision = { name: run.revision, position: run.position, ...commit };
  const { uuid, suite, startedAt, platform: variant } = run;
  const facts = { ...run.environment, originalCommand: run.command };
  return runStart('jsonl', file, options, { uuid, suite, branch, revision, startedAt, variant, facts });
}
