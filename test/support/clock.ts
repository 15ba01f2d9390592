// SPDX-License-Identifier: GPL-2.0-only
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../../vm/machine.ts';
import { capture } from './guest.ts';

/** How many of its own seconds the guest lives in one of the host's, over five of them. */
export async function guestClockRate(machine: Machine): Promise<number> {
  const moment = async () => {
    const began = performance.now();
    const { stdout } = await capture(machine, ['cat', '/proc/uptime']);
    return { host: (began + performance.now()) / 2, guest: Number(stdout.toString().split(' ')[0]) * 1000 };
  };
  const from = await moment();
  await sleep(5_000);
  const to = await moment();
  return (to.guest - from.guest) / (to.host - from.host);
}
