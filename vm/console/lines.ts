// SPDX-License-Identifier: GPL-2.0-only

/** A line of the kernel's log. */
export interface ConsoleLine {
  /** When its first byte arrived, in milliseconds of the host's monotonic clock since the console was opened. */
  arrivedMs: number;
  /** The kernel's own time from printk's stamp, in milliseconds since its boot; null where it has none. */
  kernelMs: number | null;
  /** Without its end, at most 4 KiB of it. */
  text: string;
}

const LINE_MAX = 4096;

/** `[   12.345678]`, also after `<6>`: Documentation/core-api/printk-basics.rst, print_time() in kernel/printk. */
export function kernelTime(line: string): number | null {
  const stamp = /^(?:<\d+>)?\[ *(\d{1,9})\.(\d{6})\]/.exec(line);
  return stamp ? Number(stamp[1]) * 1000 + Number(stamp[2]) / 1000 : null;
}

/** The lines of a stretch of the console that begins at `offset` of the stream. */
export function* consoleLines(
  bytes: Buffer,
  offset: number,
  arrivedAt: (offset: number) => number,
): Generator<ConsoleLine> {
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at);
    const end = newline < 0 ? bytes.length : newline;
    const text = bytes.toString('utf8', at, Math.min(end, at + LINE_MAX)).replace(/\r$/, '');
    yield { arrivedMs: arrivedAt(offset + at), kernelMs: kernelTime(text), text };
    at = end + 1;
  }
}
