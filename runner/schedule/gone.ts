// SPDX-License-Identifier: GPL-2.0-only
import type { Diagnosis, Machine } from '../../vm/machine.ts';
import type { Verdict } from '../suites/planned-test.ts';

/** From the guest's silence to the end of its machine. */
const END_MS = 1000;

/** Whether the machine has ended by now. */
export function hasEnded(machine: Machine): Promise<boolean> {
  return Promise.race([
    machine.ended.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

/** Of a test whose guest went away: by how the machine ended. One that is still there is ended. */
export async function goneVerdict(machine: Machine, why: string): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const ending = await Promise.race([
    machine.ended,
    new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), END_MS);
    }),
  ]);
  clearTimeout(timer);
  if (ending === null) {
    await machine.kill(why);
    return { outcome: 'crash', message: why };
  }
  if (ending.how === 'panic') return { outcome: 'crash', message: `kernel panic: ${ending.why}` };
  if (ending.how === 'reset') return { outcome: 'crash', message: ending.why };
  return { outcome: 'error', message: ending.why };
}

const WORDS: Record<Exclude<Diagnosis['state'], 'gone' | 'driver-stopped'>, string> = {
  alive: 'the test could not be ended',
  'agent-stuck': 'the guest hangs: its agent no longer answers',
  'guest-hung': 'the guest hangs: its kernel no longer reacts',
};

/** Of a test that does not come to an end in a machine that is still there, which is ended. */
export async function stuckVerdict(machine: Machine, { state, why }: Diagnosis): Promise<Verdict> {
  if (state === 'gone') return goneVerdict(machine, why);
  // A stopped driver is nothing that a kernel could do.
  const ours = state === 'driver-stopped';
  const first = ours ? why : WORDS[state];
  await machine.kill(first);
  return {
    outcome: ours ? 'error' : 'crash',
    message: [first, why === first ? '' : why].filter(Boolean).join('\n'),
  };
}
