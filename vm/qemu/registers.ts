// SPDX-License-Identifier: GPL-2.0-only
import type { Qmp } from './qmp.ts';
import type { Symbols } from './symbols.ts';

/** What of a processor tells where it is. */
export interface Registers {
  cpu: number;
  ip: bigint;
  sp: bigint;
  /** 0: the kernel; 3: a program. */
  ring: number;
  interruptsOn: boolean;
  halted: boolean;
}

const INTERRUPT_FLAG = 0x200n;
/** THREAD_SIZE of x86-64, which stacks are aligned to. */
const STACK_BYTES = 0x4000n;
const WORDS_MAX = 512n;
const FRAMES_MAX = 40;

/** The monitor's `info registers -a`: a paragraph for each processor that begins with `CPU#0`. */
export function parseRegisters(text: string): Registers[] {
  return text.split(/^(?=CPU#)/m).flatMap((part) => {
    const cpu = /^CPU#(\d+)/.exec(part)?.[1];
    const line = /^RIP=([0-9a-f]{16}) RFL=([0-9a-f]+) .*CPL=(\d).*HLT=(\d)/m.exec(part);
    const sp = /\bRSP=([0-9a-f]{16})/.exec(part)?.[1];
    if (!cpu || !line || !sp) return [];
    return [
      {
        cpu: Number(cpu),
        ip: BigInt(`0x${line[1]}`),
        sp: BigInt(`0x${sp}`),
        ring: Number(line[3]),
        interruptsOn: (BigInt(`0x${line[2]}`) & INTERRUPT_FLAG) !== 0n,
        halted: line[4] === '1',
      },
    ];
  });
}

/** Waits for an interrupt, as a processor does that has nothing to do. */
export function isIdle({ ring, halted, interruptsOn }: Registers): boolean {
  return ring === 0 && halted && interruptsOn;
}

const hex = (address: bigint) => `0x${address.toString(16)}`;

/**
 * `CPU 1 runs with interrupts off, at native_queued_spin_lock_slowpath+0x6b/0x2d0`.
 *
 * @param before where it was a moment ago: where that is another function, it loops over both
 */
export function describe(now: Registers, before: Registers | undefined, symbols: Symbols | null): string {
  const { cpu, ip, ring, interruptsOn, halted } = now;
  const name = (address: bigint) => symbols?.at(address) ?? hex(address);
  if (ring === 3) return `CPU ${cpu} runs a program`;
  if (isIdle(now)) return `CPU ${cpu} is idle`;
  const what = halted ? 'is halted' : 'runs';
  // A function, where it is known; otherwise a page.
  const place = (address: bigint) => symbols?.functionAt(address) ?? address >> 12n;
  const other = before && place(before.ip) !== place(ip) ? `, before at ${name(before.ip)}` : '';
  return `CPU ${cpu} ${what} with interrupts ${interruptsOn ? 'on' : 'off'}, at ${name(ip)}${other}`;
}

/** Floating-point and vector registers are most of the text and tell nothing of a hang. */
export function withoutVectors(text: string): string {
  return text.replace(/^(?:FCW|FPR|[XYZ]MM|Opmask).*\n/gm, '').trim();
}

/** Words of the guest's memory as the processor sees it; `x/NNgx` prints `ffffc90000003fa8: 0x… 0x…`. */
async function words(
  monitor: Qmp,
  cpu: number,
  from: bigint,
  count: bigint,
  timeoutMs: number,
): Promise<bigint[]> {
  const printed = await monitor.monitor(`x/${count}gx ${hex(from)}`, timeoutMs, cpu);
  return [...printed.matchAll(/ (0x[0-9a-f]{16})\b/g)].map(([, word]) => BigInt(word!));
}

/**
 * What may be the way to where a processor is: every word on its stack that is an address in the kernel's text. Some
 * are left from calls that have returned, as those with a question mark in the kernel's own traces.
 */
export async function scanStack(
  monitor: Qmp,
  { cpu, sp, ip, ring }: Registers,
  symbols: Symbols,
  timeoutMs: number,
): Promise<string> {
  const lines = [symbols.at(ip) ?? hex(ip)];
  let from = sp & ~7n;
  // An interrupt has a stack of its own, whose topmost word is where the one below it goes on.
  for (let stack = 0; ring === 0 && stack < 2; stack++) {
    const end = (from | (STACK_BYTES - 1n)) + 1n;
    const left = (end - from) / 8n;
    const found = await words(monitor, cpu, from, left < WORDS_MAX ? left : WORDS_MAX, timeoutMs);
    for (const word of found) {
      const name = symbols.at(word);
      if (name) lines.push(`? ${name}`);
    }
    const below = left <= WORDS_MAX ? found.at(-1) : undefined;
    if (below === undefined || below >> 40n !== sp >> 40n) break;
    from = below & ~7n;
  }
  return lines.slice(0, FRAMES_MAX).join('\n');
}
