// SPDX-License-Identifier: GPL-2.0-only
import { type LogFile, writeLog } from '../log-files.ts';
import type { LogKind, TestReport } from '../types.ts';

/** A log that is on the disk, and that no row names yet. */
export interface KeptLog {
  kind: LogKind;
  file: LogFile;
}

/** Writes the logs of a test. @throws StoreError where one cannot be written */
export async function keepLogs(directory: string, test: TestReport): Promise<KeptLog[]> {
  const logs: KeptLog[] = [];
  for (const { kind, content } of test.logs) logs.push({ kind, file: await writeLog(directory, content) });
  return logs;
}
