// SPDX-License-Identifier: GPL-2.0-only
import { exitCodes } from './exit.ts';

export interface Interrupts {
  /** Fires at Ctrl-C, SIGTERM or SIGHUP once `inOrder` was called. */
  signal: AbortSignal;
  /** From now on there is something to end in order; before, an interrupt ends the process at once. */
  inOrder(): void;
}

/**
 * Takes over Ctrl-C, SIGTERM and SIGHUP. Builds need no care: what is unfinished is removed by the next one,
 * and all that we started ends with us. A run needs it: what it finished must be stored.
 */
export function handleInterrupts(): Interrupts {
  const controller = new AbortController();
  let careful = false;
  const leave = (text: string) => {
    process.stderr.write(`\nmultitap: ${text}\n`);
    process.exit(exitCodes.interrupted);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!careful)
        leave('interrupted; what was finished is in the cache, and the same command goes on from there');
      if (controller.signal.aborted) leave('stopped at once');
      process.stderr.write('\nmultitap: stopping; once more to stop at once\n');
      controller.abort();
    });
  }
  return {
    signal: controller.signal,
    inOrder: () => {
      careful = true;
    },
  };
}
