// SPDX-License-Identifier: GPL-2.0-only
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Whether an address to listen on can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Headers of every answer. Nothing may load from elsewhere and nothing inline may run: names, messages and
 * logs come from guests that run untrusted code, and escaping alone would be a single line of defence.
 */
export function headers(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        // A running run's page fetches itself again.
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whoever puts TLS in front decides on it: on plain loopback it means nothing.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
  });
}

/**
 * Refuses requests that came under a foreign name: a web page elsewhere can point its own name at 127.0.0.1
 * (DNS rebinding) and would otherwise read the results with its visitor's browser.
 */
export function knownHostsOnly(allowed: readonly string[] | 'any'): RequestHandler {
  return (request, response, next) => {
    const name = (request.headers.host ?? '').toLowerCase().replace(/:\d*$/, '');
    if (allowed === 'any' || allowed.includes(name)) return next();
    response
      .status(421)
      .type('text/plain')
      .send(
        `This dashboard answers to ${allowed.join(', ')} only. Start it with --host to open it to a network.\n`,
      );
  };
}

/** There is nothing to write here yet. */
export function readOnly(): RequestHandler {
  return (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    response
      .status(405)
      .set('Allow', 'GET, HEAD')
      .type('text/plain')
      .send('Only GET and HEAD are answered here.\n');
  };
}
