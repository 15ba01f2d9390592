// SPDX-License-Identifier: GPL-2.0-only
import type { BenchOptions, Row } from '../bench.ts';
import { tellAnswers } from './answers.ts';
import { benchLinear } from './linear.ts';
import { benchMemory } from './memory.ts';
import { findPeers } from './peers.ts';
import { benchSpeed } from './speed.ts';

/** Beside peers on a log of real lines, time per byte by size, memory, answers to hard cases. */
export async function benchParsers(options: BenchOptions): Promise<Omit<Row, 'bench'>[]> {
  const peers = findPeers(options.note);
  await tellAnswers(peers, options.note);
  return [...(await benchSpeed(peers, options)), ...benchLinear(options), ...(await benchMemory(options))];
}
