// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import { knownDebugInfo } from '../../vm/kernel/debug-info.ts';
import { decodeTrace } from '../../vm/kernel/decode.ts';
import type { Prepared } from '../setup.ts';

/**
 * The report with the console decoded to files and lines as one more log, where the kernel reported a fault and its
 * debug information is in the cache (`multitap kernel get --debug-info`). A trace that cannot be decoded costs nothing.
 */
export async function withDecoded(
  report: TestReport,
  { rootfs, kernel }: Pick<Prepared, 'rootfs' | 'kernel'>,
): Promise<TestReport> {
  const console = report.logs.find(({ kind }) => kind === 'console');
  if (!console || !report.crashes?.length) return report;
  const debug = await knownDebugInfo(kernel);
  const decoded = debug && (await decodeTrace(rootfs, debug, Buffer.from(console.content).toString('utf8')));
  return decoded
    ? { ...report, logs: [...report.logs, { kind: 'decoded', content: Buffer.from(decoded) }] }
    : report;
}
