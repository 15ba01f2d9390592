// SPDX-License-Identifier: GPL-2.0-only
/**
 * Prints by how many MB this process grows while a log streams by: stream-by.ts MEGABYTES. All that it takes beyond an
 * idle process and the piece that the log is made of; making that leaves garbage, which counts.
 */
import { tap } from '../../../results/formats/tap/index.ts';
import { realLog } from './log.ts';

const bytes = Number(process.argv[2]) * 1e6;
const idle = process.memoryUsage().rss;
const part = realLog(10e6);
const before = idle + part.length;
let most = before;
const parser = tap.parser(() => {});
for (let done = 0; done < bytes; done += part.length)
  for (let at = 0; at < part.length; at += 65536) {
    parser.push(part.subarray(at, at + 65536));
    if (at % (1 << 20) === 0) most = Math.max(most, process.memoryUsage().rss);
  }
parser.end();
process.stdout.write(String((most - before) / 1e6));
