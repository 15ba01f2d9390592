// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { execa } from 'execa';

/** Longest that words lie in the FIFO while more come. Its 64 KiB let a guest say 2 MB in a second. */
const BATCH_MAX_MS = 32;

/** The other end of a guest's serial port. */
export interface Serial {
  /** What somebody types at it; nothing once it is closed. */
  write(text: string): void;
  /** Once QEMU has closed it and all that it said was handed on. */
  ended: Promise<void>;
  close(): void;
}

/**
 * Opens the FIFOs `path.in` and `path.out` for QEMU's chardev `pipe`, which opens them in its turn, whenever it likes.
 *
 * QEMU writes each byte as the guest does, alone. A socket hands on each in a buffer of its own, and is full with 300 of
 * them; a FIFO gathers them in pages. It is read in batches: for each byte to wake us up costs a hundred times what is
 * done with it.
 *
 * @throws Error where they cannot be made
 */
export async function openSerial(path: string, onData: (chunk: Buffer) => void): Promise<Serial> {
  const [keys, words] = [`${path}.in`, `${path}.out`];
  await execa('mkfifo', ['-m', '600', keys, words]);
  const { O_RDONLY, O_RDWR, O_NONBLOCK } = constants;
  const typing = openSync(keys, O_RDWR | O_NONBLOCK);
  const ended = Promise.withResolvers<void>();
  let open = true;
  let batchMs = 1;
  let resumed = 0;
  const onread = (length: number, buffer: Uint8Array): boolean => {
    onData(Buffer.copyBytesFrom(buffer, 0, length));
    const goesOn = performance.now() - resumed < BATCH_MAX_MS;
    batchMs = goesOn ? Math.min(2 * batchMs, BATCH_MAX_MS) : 1;
    setTimeout(() => {
      resumed = performance.now();
      socket.resume();
    }, batchMs);
    // Nothing more is read before that, nor kept in pieces.
    return false;
  };
  const socket = new Socket({
    fd: openSync(words, O_RDONLY | O_NONBLOCK),
    writable: false,
    onread: { buffer: Buffer.alloc(2 ** 16), callback: onread },
  });
  socket.on('error', () => {});
  socket.on('close', () => ended.resolve());
  return {
    write: (text) => void (open && writeSync(typing, text)),
    ended: ended.promise,
    close: () => {
      if (open) closeSync(typing);
      open = false;
      socket.destroy();
    },
  };
}
