// SPDX-License-Identifier: GPL-2.0-only
import type { Progress, StepState } from '../../vm/progress.ts';
import { printable } from '../report/text.ts';

const QUIET_INTERVAL_MS = 15_000;

/** `1:07`, the way a stopwatch shows it. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function amount({ done, total, unit }: StepState): string {
  if (done === undefined) return '';
  const show = (n: number) => (unit === 'bytes' ? (n / 2 ** 20).toFixed(1) : String(n));
  const word = unit === 'bytes' ? ' MiB' : unit === 'tests' ? ' tests' : '';
  return `${show(done)}${total === undefined ? '' : `/${show(total)}`}${word}`;
}

/** One line for where a step is: what, how far, elapsed and expected time. */
export function stepLine(title: string, state: StepState, elapsedMs: number, expectedMs?: number): string {
  const time =
    expectedMs && expectedMs > 2000 ? `${clock(elapsedMs)} of about ${clock(expectedMs)}` : clock(elapsedMs);
  return [title, amount(state), state.text, time].filter(Boolean).join(' · ');
}

/**
 * Progress on standard error: on a terminal one line that is kept up to date; elsewhere a line for every
 * step, and one every 15 s while it lasts, so that a log shows that it is alive.
 */
export function terminalProgress(
  stream: NodeJS.WriteStream = process.stderr,
): Progress & { clear(): void; note(text: string): void } {
  const live = stream.isTTY === true;
  let shown: string | null = null;
  const clear = () => {
    if (live && shown !== null) stream.write('\r\x1b[K');
    shown = null;
  };
  const permanent = (line: string) => {
    clear();
    stream.write(`${printable(line)}\n`);
  };
  return {
    clear,
    /** A line that stays, beside all steps. */
    note: permanent,
    step(title, expectedMs) {
      const began = performance.now();
      let state: StepState = {};
      const draw = () => {
        // A subtest's name is the guest's word.
        const line = printable(stepLine(title, state, performance.now() - began, expectedMs));
        if (!live) return permanent(`… ${line}`);
        const cut = line.slice(0, Math.max(20, (stream.columns ?? 80) - 3));
        if (`… ${cut}` === shown) return;
        clear();
        shown = `… ${cut}`;
        stream.write(shown);
      };
      const timer = setInterval(draw, live ? 250 : QUIET_INTERVAL_MS);
      timer.unref();
      if (live || (expectedMs ?? 0) > QUIET_INTERVAL_MS) draw();
      return {
        update: (next) => {
          state = next;
        },
        note: permanent,
        done: (text) => {
          clearInterval(timer);
          permanent(`✓ ${title}: ${text} (${clock(performance.now() - began)})`);
        },
      };
    },
  };
}
