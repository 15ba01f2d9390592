// SPDX-License-Identifier: GPL-2.0-only
import type { Bench } from './bench.ts';
import { tellAnswers } from './results/answers.ts';
import { benchLinear } from './results/linear.ts';
import { benchMemory } from './results/memory.ts';
import { findPeers } from './results/peers.ts';
import { benchSpeed } from './results/speed.ts';

export const bench: Bench = {
  summary:
    'parsers: beside peers on a log of real lines, time per byte by size, memory, answers to hard cases',
  run: async (options) => {
    const peers = findPeers(options.note);
    await tellAnswers(peers, options.note);
    return [...(await benchSpeed(peers, options)), ...benchLinear(options), ...(await benchMemory(options))];
  },
};
