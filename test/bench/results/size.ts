// SPDX-License-Identifier: GPL-2.0-only
import { storeStats } from '../../../results/store/index.ts';
import { measured, type Row } from '../bench.ts';

/** What a result takes, and the tables that take most of it. */
export async function benchSize(directory: string): Promise<Omit<Row, 'bench'>[]> {
  const { tables, results, bytesPerResult } = await storeStats(directory);
  return [
    measured('all tables and indexes', 'bytes per result', [bytesPerResult], 20),
    ...tables
      .slice(0, 6)
      .map(({ name, bytes }) => measured(name, 'bytes per result', [bytes / results], null)),
  ];
}
