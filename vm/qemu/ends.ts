// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import type { Console } from '../console/console.ts';
import { Guest } from '../guest/guest.ts';
import { openChannels } from './channels.ts';
import { Qmp } from './qmp.ts';
import { openSerial, type Serial } from './serial.ts';

/** The other ends of a QEMU's channels. */
export interface Ends {
  guest: Guest;
  monitor: Qmp;
  /** The guest's serial port, of which the console reads. */
  serial: Serial;
}

/** How a guest ended that nobody ended: QMP's event SHUTDOWN has these reasons (qapi/run-state.json). */
const BY_GUEST: Record<string, string> = {
  'guest-reset': 'the guest reset by itself',
  'guest-shutdown': 'the guest powered off by itself',
  'guest-panic': 'the guest panicked',
};

export interface Listening {
  /** Once QEMU has opened all its channels; never, where it does not start. */
  ends: Promise<Ends>;
  monitor: Promise<Qmp>;
  /** Once the serial port is closed and all that it said is in the console. */
  drained: Promise<void>;
  /** How the guest ended by itself; null where it did not, or QEMU had no time to say so. */
  byGuest(): string | null;
  /** Lets go of the channels that QEMU has not connected to. */
  stop(): void;
  /** Fails all that waits for an answer. */
  close(why: string): void;
}

/**
 * Waits for a QEMU on the channels in `dir`; what its serial port says goes to the console.
 *
 * @throws Trouble where the channels cannot be opened
 */
export async function listenIn(dir: string, console: Console): Promise<Listening> {
  const guest = Promise.withResolvers<Guest>();
  const monitor = Promise.withResolvers<Qmp>();
  const opened: { guest?: Guest; monitor?: Qmp } = {};
  let byGuest: string | null = null;
  const serial = await openSerial(join(dir, 'console'), (chunk) => console.push(chunk));
  const stop = await openChannels(dir, {
    control: (socket) => {
      opened.guest = new Guest(socket);
      guest.resolve(opened.guest);
    },
    monitor: (socket) => {
      opened.monitor = new Qmp(socket);
      opened.monitor.listen(({ name, data }) => {
        if (name === 'SHUTDOWN') byGuest = BY_GUEST[String(data.reason)] ?? null;
      });
      monitor.resolve(opened.monitor);
    },
  }).catch((error) => {
    serial.close();
    throw error;
  });
  return {
    ends: Promise.all([guest.promise, monitor.promise]).then(([guest, monitor]) => ({
      guest,
      monitor,
      serial,
    })),
    monitor: monitor.promise,
    drained: serial.ended,
    byGuest: () => byGuest,
    stop,
    close: (why) => {
      opened.guest?.close(`the virtual machine ended: ${why}`);
      opened.monitor?.close('QEMU has ended');
      serial.close();
    },
  };
}
