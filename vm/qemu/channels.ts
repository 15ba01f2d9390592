// SPDX-License-Identifier: GPL-2.0-only
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Trouble } from '../trouble.ts';

/** The sockets in a machine's folder, by their names there: the agent's port, QMP. */
export type Channel = 'control' | 'monitor';

/**
 * Listens on a socket for each channel; QEMU connects, so that nobody has to poll for the other side.
 *
 * @param on called with QEMU's connection, once
 * @returns what lets go of the channels that QEMU has not connected to
 * @throws Trouble where the folder's path is too long for a socket
 */
export async function openChannels(
  dir: string,
  on: Record<Channel, (socket: Socket) => void>,
): Promise<() => void> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
  };
  try {
    for (const [name, onSocket] of Object.entries(on)) servers.push(await listen(join(dir, name), onSocket));
    return close;
  } catch (cause) {
    close();
    throw new Trouble({
      happened: `The guest’s channels could not be opened in ${dir}: ${(cause as Error).message}`,
      expected: 'a folder for temporary files whose path is short enough for a socket (107 bytes)',
      next: 'set TMPDIR to a shorter path',
      cause,
    });
  }
}

async function listen(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    server.close();
    onSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}
