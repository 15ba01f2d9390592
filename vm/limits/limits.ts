// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism, totalmem } from 'node:os';
import { Trouble, UsageTrouble } from '../trouble.ts';

/** What a sandbox may use; `Infinity` is no limit. */
export interface Limits {
  /** Of all its processes together, with the files that it keeps in memory. No swap on top where cgroups hold it. */
  memoryBytes: number;
  /** Processes and threads at one time. */
  processes: number;
  /** What its writable folders may grow by, together. The disk below them is never filled up either. */
  diskBytes: number;
  /** Of all its processes together. */
  cpuSeconds: number;
  wallMs: number;
  /** Of standard output, and of standard error. */
  outputBytes: number;
}

/** What a control group holds without anything being ended. */
export interface GroupLimits {
  /**
   * As much time as that many processors have; what wants more waits. Where there is no group, or systemd or whoever
   * delegated ours has kept this controller, nothing holds it.
   */
  cpus?: number;
}

const GIB = 2 ** 30;

/**
 * For whatever is built or unpacked. A linker with debug information takes 3 GiB, a compiler up to 1 GiB; a kernel
 * with debug information and its selftests 25 GiB of disk. `$MULTITAP_LIMITS` changes single ones.
 */
export function buildLimits(env: NodeJS.ProcessEnv = process.env): Limits {
  const usual: Limits = {
    memoryBytes: Math.min(0.8 * totalmem(), 4 * GIB + availableParallelism() * GIB),
    processes: 4096,
    diskBytes: 32 * GIB,
    cpuSeconds: Number.POSITIVE_INFINITY,
    wallMs: 2 * 3_600_000,
    outputBytes: 128 * 2 ** 20,
  };
  return { ...usual, ...parseLimits(env.MULTITAP_LIMITS ?? '') };
}

/**
 * For QEMU: its guest's memory, and for itself what the largest that was seen takes, twice over; under TCG the code
 * that it translates, up to 1 GiB. Its threads are one for each processor, a pool of 64 for disks, and a few: one
 * processor more for all of those. How long a guest lives is for whoever runs tests in it.
 */
export function guestLimits(plan: {
  memoryMb: number;
  cpus: number;
  accel: 'kvm' | 'tcg';
}): Limits & GroupLimits {
  const memory = plan.memoryMb * 2 ** 20;
  return {
    memoryBytes: memory + (plan.accel === 'tcg' ? 2 : 1) * GIB,
    processes: 256 + plan.cpus,
    cpus: plan.cpus + 1,
    // A snapshot holds the memory as a file.
    diskBytes: memory + GIB,
    cpuSeconds: Number.POSITIVE_INFINITY,
    wallMs: Number.POSITIVE_INFINITY,
    outputBytes: 16 * 2 ** 20,
  };
}

/** Names in `$MULTITAP_LIMITS`: the limit, the units of a value and the one that goes without saying. */
export const limitNames = {
  memory: { limit: 'memoryBytes', units: { M: 2 ** 20, G: GIB } },
  processes: { limit: 'processes', units: { '': 1 } },
  disk: { limit: 'diskBytes', units: { M: 2 ** 20, G: GIB } },
  cpu: { limit: 'cpuSeconds', units: { s: 1, m: 60, h: 3600 } },
  wall: { limit: 'wallMs', units: { s: 1000, m: 60_000, h: 3_600_000 } },
  output: { limit: 'outputBytes', units: { M: 2 ** 20, G: GIB } },
} as const satisfies Record<string, { limit: keyof Limits; units: Record<string, number> }>;

type LimitName = keyof typeof limitNames;

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(limitNames, name);
}

/**
 * Reads `memory=8G,wall=6h,processes=none`.
 *
 * @throws UsageTrouble for anything else
 */
export function parseLimits(text: string): Partial<Limits> {
  const limits: Partial<Limits> = {};
  for (const word of text.split(',').filter(Boolean)) {
    const [, name = '', number = '', unit = ''] = /^(\w+)=(\d+(?:\.\d+)?|none)(\w?)$/.exec(word.trim()) ?? [];
    const known = isLimitName(name) ? limitNames[name] : null;
    const factor = (known?.units as Record<string, number> | undefined)?.[unit];
    if (known && number === 'none' && !unit) limits[known.limit] = Number.POSITIVE_INFINITY;
    else if (known && factor && Number(number) > 0) limits[known.limit] = Number(number) * factor;
    else
      throw new UsageTrouble({
        happened: `MULTITAP_LIMITS has ${JSON.stringify(word)}, which is no limit.`,
        expected: `${Object.entries(limitNames)
          .map(([key, { units }]) => `${key}=N${Object.keys(units).join('|')}`)
          .join(', ')}, or none for N and its unit`,
      });
  }
  return limits;
}

function quantity(limit: keyof Limits, value: number): string {
  const gib = (bytes: number) =>
    bytes < GIB ? `${Math.round(bytes / 2 ** 20)} MiB` : `${Number((bytes / GIB).toFixed(1))} GiB`;
  const time = (seconds: number) =>
    seconds < 120
      ? `${seconds} s`
      : seconds < 7200
        ? `${Math.round(seconds / 60)} min`
        : `${seconds / 3600} h`;
  if (limit === 'processes') return `${value} processes`;
  if (limit === 'cpuSeconds') return time(value);
  return limit === 'wallMs' ? time(value / 1000) : gib(value);
}

const what: Record<keyof Limits, (quantity: string) => string> = {
  memoryBytes: (quantity) => `it used more than ${quantity} of memory`,
  processes: (quantity) => `it had more than ${quantity} and threads at one time`,
  diskBytes: (quantity) => `it wrote more than ${quantity} to the disk`,
  cpuSeconds: (quantity) => `it used more than ${quantity} of CPU time`,
  wallMs: (quantity) => `it took longer than ${quantity}`,
  outputBytes: (quantity) => `it printed more than ${quantity}`,
};

/** What was stopped, and why. */
export interface Stopped {
  /** As a person would type it. */
  command: string[];
  /** A guest's driver, by its name, instead of a build. */
  guest?: string | undefined;
  limit: keyof Limits;
  value: number;
  /** What the machine itself ran out of, where it was not a limit of the sandbox's own. */
  hostLow?: string | undefined;
}

/** What was stopped for the machine's sake, which says nothing about whether it would have worked. */
export class LimitTrouble extends Trouble {
  readonly limit: keyof Limits;

  constructor({ command, guest, limit, value, hostLow }: Stopped) {
    const line = command.join(' ').replace(/\s+/g, ' ');
    const short = line.length > 80 ? `${line.slice(0, 79)}…` : line;
    super({
      happened: `${guest ?? short} was stopped: ${hostLow ?? what[limit](quantity(limit, value))}.`,
      ...advice(limit, guest, hostLow),
    });
    this.limit = limit;
  }
}

function advice(limit: keyof Limits, guest: string | undefined, hostLow: string | undefined) {
  if (hostLow)
    return {
      expected: 'some to be left for everything else on this machine',
      next: 'free some, or try again when less is running',
    };
  if (guest)
    return {
      expected: 'little more than the guest’s own memory and processors: whatever is in it is not trusted',
      next: 'look at the end of its console; where a test needs more, give the guest more (--memory, --cpus)',
    };
  const name = Object.entries(limitNames).find(([, known]) => known.limit === limit)![0];
  return {
    expected: 'less: what is built is not trusted, and must leave the machine usable',
    next: `if it needs more, set MULTITAP_LIMITS=${name}=…`,
  };
}
