// SPDX-License-Identifier: GPL-2.0-only
import { dirname, join } from 'node:path';
import type { BootOptions, Ending } from '../machine.ts';
import { type Exit, type Qemu, supervise } from '../qemu/supervise.ts';
import { virtmeCommand, withPipe } from './command.ts';
import { takeConsole } from './console.ts';
import { extraLayers, virtmeSandbox } from './sandbox.ts';

/**
 * virtme-ng returns what its command did, which is our agent, and powers off after it. The agent ends in no other way
 * than by being killed: it is not the first process, and a test may kill whatever it can.
 */
function agentsEnd(exitCode: number | undefined): string | null {
  const signal = (exitCode ?? 0) - 128;
  return signal > 0 && signal < 65
    ? `the guest’s agent was killed (signal ${signal}), which ends the guest`
    : null;
}

/** The exit code is the agent's, and 255 for a panic and for virtme-ng's own faults alike: QEMU's monitor tells. */
function meaning({ exitCode, byGuest, words, how }: Exit): Ending {
  if (byGuest) return { how: 'reset', why: agentsEnd(exitCode) ?? byGuest };
  return { how: 'died', why: words || `virtme-ng ended (${how})` };
}

/**
 * Starts virtme-ng inside the sandbox, with our channels to the QEMU that it starts.
 *
 * @throws Trouble where the channels cannot be opened; what keeps QEMU from starting is told by `ended`
 */
export function startVirtme({ plan, rootfs }: Pick<BootOptions, 'plan' | 'rootfs'>): Promise<Qemu> {
  return supervise(async (channels) => {
    const agent = join(dirname(plan.initramfs), 'agent');
    const commandLine = virtmeCommand(plan, extraLayers(plan, rootfs).length);
    return {
      commandLine,
      command: withPipe(commandLine),
      sandbox: await virtmeSandbox({ rootfs, plan, agent, channels }),
      begin: takeConsole,
      meaning,
    };
  });
}
