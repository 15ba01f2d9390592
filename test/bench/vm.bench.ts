// SPDX-License-Identifier: GPL-2.0-only
import { prepare } from '../../runner/setup.ts';
import { silent } from '../../vm/progress.ts';
import type { Bench } from './bench.ts';
import { benchBoot } from './vm/boot.ts';
import { benchDrain } from './vm/drain.ts';
import { benchFlood } from './vm/flood.ts';
import { benchSelection } from './vm/selection.ts';

export const bench: Bench = {
  summary: 'machines: to the first command, a no-op test, draining the console, the MPTCP quick selection',
  run: async (options) => {
    const guest = { kernel: 'deb:6.12', cpus: 2, memoryMb: 2048, accel: 'auto' as const };
    const prepared = await prepare(guest, null, silent);
    options.note(`${prepared.kernel.release}, ${prepared.accel.reason}`);
    return [
      ...(await benchBoot(prepared, options)),
      ...(await benchDrain(options)),
      ...(await benchFlood(prepared, options)),
      ...(options.quick ? [] : await benchSelection(options.note)),
    ];
  },
};
