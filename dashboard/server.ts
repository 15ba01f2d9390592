// SPDX-License-Identifier: GPL-2.0-only
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { ResultReader } from '../results/store/types.ts';
import { pages } from './pages/registry.ts';
import { loadAssets } from './web/assets.ts';
import { type Log, lostPage, onError } from './web/errors.ts';
import { plainAnswers } from './web/plain.ts';
import { headers, isLoopback, knownHostsOnly, loopbackNames, readOnly } from './web/security.ts';
import { createSite } from './web/site.ts';
import { loadTemplates } from './web/templates.ts';

export interface AppOptions {
  reader: ResultReader;
  /** multitap's own version, for the foot of the pages and `/healthz`. */
  version: string;
  /** Names that a request's `Host` may have, without port; `any` checks none. Default: the names of loopback. */
  allowedHosts?: readonly string[] | 'any';
  /** Where errors are told, one line or stack at a time. Default: stderr. */
  log?: Log;
  /** The clock, in milliseconds since the epoch. */
  now?: () => number;
}

/** The whole dashboard as an Express application: everything is compiled and read once, here. */
export function createApp(options: AppOptions): Express {
  const { reader, version, allowedHosts = loopbackNames, now = Date.now } = options;
  const log = options.log ?? ((text) => process.stderr.write(`${text}\n`));
  const assets = loadAssets();
  const render = loadTemplates({ asset: assets.url, version, now });
  const app = express();
  app.disable('x-powered-by');
  app.use(headers());
  app.use(knownHostsOnly(allowedHosts));
  app.use(readOnly());
  app.use('/assets', assets.serve);
  plainAnswers(app, version);
  const site = createSite({ app, reader, render, now });
  for (const page of pages) page(site);
  app.use(lostPage(render));
  app.use(onError(render, log));
  return app;
}

export interface ServeOptions extends AppOptions {
  /** Default: 127.0.0.1, so that nobody else on the network reads along. */
  host?: string;
  /** 0 takes any free port. */
  port: number;
}

export interface Serving {
  url: string;
  /** Ends at once: open connections are cut. */
  close(): Promise<void>;
}

/** Serves the dashboard. Rejects with an error that tells what happened and which option changes it. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const host = options.host ?? '127.0.0.1';
  // Bound to the network, only the user knows the names that the machine goes by.
  const allowedHosts = options.allowedHosts ?? (isLoopback(host) ? [...loopbackNames, host] : 'any');
  const server = createServer(createApp({ ...options, allowedHosts }));
  await listen(server, host, options.port);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${nameInUrl(host)}:${port}/`, close: () => close(server) };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new Error(whyNotListening(cause, host, port), { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function whyNotListening(cause: NodeJS.ErrnoException, host: string, port: number): string {
  const anotherPort = `choose another with --port (--port 0 takes any free one)`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken, perhaps by another dashboard: stop that one, or ${anotherPort}`;
    case 'EACCES':
      return `port ${port} on ${host} is not for this user (ports below 1024 need root): ${anotherPort}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: choose one with --host (default 127.0.0.1)`;
    default:
      return `cannot listen on ${host} port ${port}: ${cause.message}; try another --host or --port`;
  }
}

function nameInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
