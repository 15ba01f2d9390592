// SPDX-License-Identifier: GPL-2.0-only
import type { GuestPlan } from '../../vm/plan.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';
import { vngCommand, withPipe } from '../../vm/virtme/command.ts';
import { virtmeSandbox } from '../../vm/virtme/sandbox.ts';
import { cpuSeconds } from '../bench/vm/cpu.ts';

const FIRST = 'the first command';

export interface PlainVng {
  /** From the start of vng to the first word of the command that the guest runs. */
  wallMs: number;
  /** User and system time of vng, QEMU and virtiofsd until then. */
  cpuMs: number;
  /** Guest uptime then. */
  guestMs: number;
  /** Until vng returned. */
  endMs: number;
  /** What it returned: the command's own exit code, 3. */
  exitCode: number | undefined;
}

/**
 * Boots a kernel as a user of virtme-ng would, `vng --run RELEASE --exec COMMAND`, in the sandbox that our own
 * driver gives to it, with nothing of ours in the guest.
 *
 * @throws Error with all that it said, where the command was never run
 */
export async function bootPlainVng(rootfs: Rootfs, plan: GuestPlan, timeoutMs = 600_000): Promise<PlainVng> {
  const vng = vngCommand(plan, `echo ${FIRST}; cat /proc/uptime; exit 3`);
  const sandbox = await virtmeSandbox({ rootfs, plan, agent: null, channels: null });
  const began = performance.now();
  const child = inSandbox(sandbox, withPipe(vng), { all: true, reject: false, timeout: timeoutMs });
  let first: Pick<PlainVng, 'wallMs' | 'cpuMs'> | null = null;
  let said = '';
  child.all.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (!first && said.includes(FIRST))
      first = { wallMs: performance.now() - began, cpuMs: cpuSeconds(child.pid!) * 1000 };
  });
  const { exitCode } = await child;
  if (!first) throw new Error(`plain vng never ran its command (exit code ${exitCode}); it said:\n${said}`);
  const uptime = /(\d+\.\d+) \d+\.\d+/.exec(said)?.[1];
  return {
    ...(first as Pick<PlainVng, 'wallMs' | 'cpuMs'>),
    guestMs: Number(uptime) * 1000,
    endMs: performance.now() - began,
    exitCode,
  };
}
