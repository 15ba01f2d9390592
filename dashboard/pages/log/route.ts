// SPDX-License-Identifier: GPL-2.0-only
import type { Request, Response } from 'express';
import { logUrl } from '../../show/links.ts';
import { sendLost } from '../../web/errors.ts';
import { Lost } from '../../web/lost.ts';
import type { Site } from '../../web/site.ts';
import { contentOf, findLog, type LogPage } from './query.ts';
import { logView } from './view.ts';

/** `/log/:hash[?from=LINE]`, and `/log/:hash/raw` with every byte as it was. `?line=N` leads to that line. */
export function logPage(site: Site): void {
  site.app.get('/log/:hash/raw', (request, response) => sendRaw(site, request, response));
  site.app.get('/log/:hash', (request, response, next) => {
    const { line } = request.query;
    if (typeof line !== 'string' || !/^[1-9]\d{0,11}$/.test(line)) return next();
    response.redirect(303, logUrl(encodeURIComponent(request.params.hash), Number(line)));
  });
  site.page<LogPage>({ name: 'log', path: '/log/:hash', load: findLog, view: logView });
}

async function sendRaw(site: Site, request: Request, response: Response): Promise<void> {
  const hash = String(request.params.hash);
  const content = await contentOf(site.reader, hash);
  if (content instanceof Lost) return sendLost(site.render, request, response, content);
  // The address is the content's own hash: it can never change.
  response.set('Cache-Control', 'private, max-age=31536000, immutable').set('ETag', `"${hash}"`);
  response.type('text/plain; charset=utf-8').send(Buffer.from(content));
}
