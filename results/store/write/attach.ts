// SPDX-License-Identifier: GPL-2.0-only
import { chunks } from '../chunks.ts';
import { kindCode } from '../codes.ts';
import type { LogFile } from '../log-files.ts';
import type { Trx } from '../schema.ts';
import { boundMessage, boundName, whole, wholeLine, wholeMs } from '../text.ts';
import type { TestReport } from '../types.ts';
import type { KeptLog } from './keep-logs.ts';

/** What identifies one attempt of one test. */
interface Execution {
  run: number;
  series: number;
  attempt: number;
}

// A guest that prints rubbish must not fill the database: the log has all of it.
const problemLimit = 1000;

export async function attachExecution(trx: Trx, execution: Execution, test: TestReport): Promise<void> {
  await trx
    .insertInto('execution')
    .values({ ...execution, ...executionRow(test) })
    .execute();
}

/** How an attempt of a test ended, as it is kept. */
export function executionRow(test: TestReport) {
  return {
    started_at: whole(test.startedAt, 'start of the test'),
    cpu_ms: wholeMs(test.cpuMs),
    exit_code: test.exitCode === null ? null : whole(test.exitCode, 'exit code'),
    signal: test.signal === null ? null : boundName(test.signal),
    timeout_ms: whole(test.timeoutMs, 'timeout'),
    vm: whole(test.vm, 'number of the VM'),
  };
}

export async function attachProblems(
  trx: Trx,
  execution: Execution,
  problems: TestReport['problems'],
): Promise<void> {
  const rows = problems.slice(0, problemLimit).map(({ line, text }, position) => ({
    ...{ ...execution, position },
    line: wholeLine(line, 'line'),
    text: boundMessage(text),
  }));
  const left = problems.length - problemLimit;
  if (left > 0) {
    const line = wholeLine(problems[problemLimit]!.line, 'line');
    rows.push({ ...execution, position: problemLimit, line, text: `… and ${left} more, not kept` });
  }
  for (const part of chunks(rows)) await trx.insertInto('problem').values(part).execute();
}

export async function attachLogs(trx: Trx, execution: Execution, logs: readonly KeptLog[]): Promise<void> {
  for (const [position, { kind, file }] of logs.entries()) {
    const log = await internLog(trx, file);
    await trx
      .insertInto('result_log')
      .values({ ...execution, position, kind: kindCode(kind), log })
      .execute();
  }
}

async function internLog(trx: Trx, file: LogFile): Promise<number> {
  const found = await trx.selectFrom('log').select('id').where('hash', '=', file.hash).executeTakeFirst();
  if (found) return found.id;
  return (await trx.insertInto('log').values(file).returning('id').executeTakeFirstOrThrow()).id;
}
