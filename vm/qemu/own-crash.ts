// SPDX-License-Identifier: GPL-2.0-only
import { Trouble } from '../trouble.ts';

/** How often more a machine is started whose QEMU ended by a fault of its own. */
const MORE = 2;
/** What bubblewrap returns for SIGABRT, which ends what fails an assertion, and SIGSEGV: 128 and the signal. */
const CRASHES = [128 + 6, 128 + 11];

/** QEMU failed an assertion of its own, or crashed, before its guest answered. */
export class QemuCrash extends Trouble {
  constructor(words: string) {
    super({
      happened: `QEMU crashed while its guest was booting: ${words}`,
      next: 'try again; where it happens often, fewer processors in the guest (--cpus 1), or another version of QEMU',
    });
  }
}

/** Whether QEMU, which did not end because of its guest, ended by a fault of its own. */
export function hasCrashed(exitCode: number | undefined, words: string): boolean {
  return CRASHES.includes(exitCode ?? 0) || /: Assertion `.*' failed\.$|assertion failed: /m.test(words);
}

/**
 * Starts a machine, and again where QEMU crashed: QEMU 10.0 does under TCG with several processors, once in some
 * hundred boots (`iotlb_to_section: Assertion ... failed`, QEMU's issue 1921). Nothing of the guest has run by then
 * that anyone had asked for.
 *
 * @param onNote told of each crash
 * @throws what the last start threw
 */
export async function againWhereQemuCrashes<T>(
  start: () => Promise<T>,
  onNote: (text: string) => void = () => {},
): Promise<T> {
  for (let left = MORE; ; left--) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof QemuCrash) || left === 0) throw error;
      onNote(`${error.parts.happened.split('\n')[0]} Starting it again.`);
    }
  }
}
