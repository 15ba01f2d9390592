// SPDX-License-Identifier: GPL-2.0-only
import type { CrashKind } from '../../crash/index.ts';
import { chunks } from '../chunks.ts';
import { kindOf } from '../codes.ts';
import type { Trx } from '../schema.ts';
import type { CrashSighting, LogRef, TestResult } from '../types.ts';

/** What hangs on the attempts of a run's tests, each by `series attempt`. */
export interface Attached {
  executions: Map<
    string,
    Pick<TestResult, 'startedAt' | 'cpuMs' | 'exitCode' | 'signal' | 'timeoutMs' | 'vm'>
  >;
  logs: Map<string, LogRef[]>;
  problems: Map<string, TestResult['problems']>;
  crashes: Map<string, CrashSighting[]>;
  messages: Map<string, string>;
}

/** @param series only of this test and its subtests */
export async function attachedTo(trx: Trx, run: number, series?: readonly number[]): Promise<Attached> {
  const only = series === undefined ? null : series.slice(0, 1);
  const executions = await trx
    .selectFrom('execution')
    .where('run', '=', run)
    .$if(only !== null, (query) => query.where('series', 'in', only!))
    .select(['series', 'attempt', 'started_at as startedAt', 'cpu_ms as cpuMs', 'exit_code as exitCode'])
    .select(['signal', 'timeout_ms as timeoutMs', 'vm'])
    .execute();
  const logs = await trx
    .selectFrom('result_log')
    .innerJoin('log', 'log.id', 'result_log.log')
    .where('run', '=', run)
    .$if(only !== null, (query) => query.where('series', 'in', only!))
    .select(['series', 'attempt', 'kind', 'hash', 'bytes', 'lines'])
    .orderBy('position')
    .execute();
  const problems = await trx
    .selectFrom('problem')
    .where('run', '=', run)
    .$if(only !== null, (query) => query.where('series', 'in', only!))
    .select(['series', 'attempt', 'line', 'text'])
    .orderBy('position')
    .execute();
  const crashes = await trx
    .selectFrom('occurrence')
    .innerJoin('crash', 'crash.id', 'occurrence.crash_id')
    .where('run', '=', run)
    .$if(only !== null, (query) => query.where('series', 'in', only!))
    .select(['series', 'attempt', 'signature', 'kind', 'title', 'frames', 'line', 'fatal'])
    .orderBy('position')
    .execute();
  const messages: { series: number; attempt: number; text: string }[] = [];
  for (const part of series === undefined ? [null] : chunks(series)) {
    const rows = await trx
      .selectFrom('message')
      .where('run', '=', run)
      .$if(part !== null, (query) => query.where('series', 'in', part!))
      .select(['series', 'attempt', 'text'])
      .execute();
    // Not as arguments of one call: a run may have more messages than a stack has room for.
    for (const row of rows) messages.push(row);
  }
  return {
    messages: new Map(messages.map(({ series, attempt, text }) => [`${series} ${attempt}`, text])),
    executions: new Map(executions.map(({ series, attempt, ...row }) => [`${series} ${attempt}`, row])),
    logs: grouped(logs, ({ kind, hash, bytes, lines }) => ({ kind: kindOf(kind), hash, bytes, lines })),
    problems: grouped(problems, ({ line, text }) => ({ line, text })),
    crashes: grouped(crashes, ({ signature, kind, title, frames, line, fatal }) => ({
      ...{ signature, title, line },
      kind: kind as CrashKind,
      frames: JSON.parse(frames) as string[],
      fatal: fatal === 1,
    })),
  };
}

function grouped<Row extends { series: number; attempt: number }, T>(rows: Row[], pick: (row: Row) => T) {
  const groups = Map.groupBy(rows, (row) => `${row.series} ${row.attempt}`);
  return new Map([...groups].map(([key, group]) => [key, group.map(pick)]));
}
