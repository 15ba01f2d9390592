// SPDX-License-Identifier: GPL-2.0-only
import type { Express } from 'express';

/** The addresses that machines ask for. */
export function plainAnswers(app: Express, version: string): void {
  app.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok', version });
  });
  // Every page hangs on every other: a crawler would walk the whole history for nobody.
  app.get('/robots.txt', (_request, response) => {
    response.type('text/plain').send('User-agent: *\nDisallow: /\n');
  });
}
