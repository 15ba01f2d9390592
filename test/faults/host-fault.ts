// SPDX-License-Identifier: GPL-2.0-only
import { CannotBeMet, differences, type Room, type Seen, seeRun, type Wanted } from './host-room.ts';
import type { Met } from './table.ts';

/** What was said of a fault, and what of that is wrong. */
export interface Told {
  seen: Seen;
  /** The most telling words. */
  said: string;
  wrong: string[];
}

/** Something that goes wrong with the host, or before a test runs. Met through the program, as its user would. */
export interface HostFault {
  name: string;
  /** In every CI run; the others with `script/test --faults`. */
  quick?: true;
  /** @throws CannotBeMet */
  meet(room: Room): Promise<Told>;
}

export type Expectation = Parameters<typeof differences>[1] & { said: RegExp };

export function told(seen: Seen, expected: Expectation, more: string[] = []): Told {
  const words = expected.said.exec(seen.said)?.[0].split('\n')[0] ?? '';
  return { seen, said: words, wrong: [...differences(seen, expected), ...more] };
}

/** One run, and what has to be seen of it. */
export async function oneRun(wanted: Wanted, expected: Expectation): Promise<Told> {
  return told(await seeRun(wanted), expected);
}

/** Has every fault happen `rounds` times, one after the other. */
export async function meetHostFaults(
  room: Room,
  faults: readonly HostFault[],
  rounds: number,
  onEnd: (met: Met) => void = () => {},
): Promise<Met[]> {
  const all: Met[] = [];
  for (let round = 1; round <= rounds; round++)
    for (const fault of faults) {
      const met = await meetOne(room, fault, round);
      onEnd(met);
      all.push(met);
    }
  return all;
}

async function meetOne(room: Room, fault: HostFault, round: number): Promise<Met> {
  const began = performance.now();
  const row = { name: fault.name, round, told: 'lost', said: '', seconds: 0, wrong: [] as string[] };
  try {
    const { seen, said, wrong } = await fault.meet(room);
    Object.assign(row, {
      told: seen.exitCode === undefined ? 'killed' : `exit ${seen.exitCode}`,
      said,
      wrong,
    });
  } catch (error) {
    if (error instanceof CannotBeMet) return { ...row, skipped: error.message };
    row.wrong.push((error as Error).message);
  } finally {
    await room.clear();
  }
  return { ...row, seconds: (performance.now() - began) / 1000 };
}
