// SPDX-License-Identifier: GPL-2.0-only
import { type LogFile, writeLog } from '../log-files.ts';
import type { LogKind, TestReport } from '../types.ts';

/** A log that is on the disk, and that no row names yet. */
export interface KeptLog {
  kind: LogKind;
  file: LogFile;
}

/** Where contents went: tests that share a log, as those of one imported file do, have it written and hashed once. */
export type Written = Map<Uint8Array, LogFile>;

/** Writes the logs of a test. @throws StoreError where one cannot be written */
export async function keepLogs(
  directory: string,
  test: TestReport,
  written: Written = new Map(),
): Promise<KeptLog[]> {
  const logs: KeptLog[] = [];
  for (const { kind, content } of test.logs) {
    const file = written.get(content) ?? (await writeLog(directory, content));
    written.set(content, file);
    logs.push({ kind, file });
  }
  return logs;
}
