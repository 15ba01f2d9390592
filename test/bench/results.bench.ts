// SPDX-License-Identifier: GPL-2.0-only
import type { Bench } from './bench.ts';
import { benchParsers } from './results/parsers.ts';
import { benchStore } from './results/store.ts';

export const bench: Bench = {
  summary: 'parsers beside their peers; the store: recording a history, its size, what pages ask',
  run: async (options) => [...(await benchParsers(options)), ...(await benchStore(options))],
};
