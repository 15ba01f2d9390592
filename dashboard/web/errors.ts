// SPDX-License-Identifier: GPL-2.0-only
import { randomBytes } from 'node:crypto';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { Lost } from './lost.ts';
import type { Render } from './templates.ts';

export type Log = (text: string) => void;

/** 404, in the form that was asked for. */
export function sendLost(render: Render, request: Request, response: Response, lost: Lost): void {
  send(render, request, response, { status: 404, title: 'Not here', what: lost.what, next: lost.expected });
}

/** For addresses that no page claims. */
export function lostPage(render: Render): RequestHandler {
  return (request, response) => {
    const expected =
      'Pages are / (overview), /r/<run>, /t/<series> and /log/<hash>; each has a JSON twin with .json behind it.';
    sendLost(render, request, response, new Lost('There is no page at this address.', expected));
  };
}

/**
 * Answers what went wrong: requests that make no sense with their 4xx, our own faults with 500 and a reference.
 * The details go to the log, never to the page: they may hold paths and other people's data.
 */
export function onError(render: Render, log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = clientStatus(error);
    if (status) {
      const what = 'The address could not be read.';
      return send(render, request, response, {
        status,
        title: 'Bad request',
        what,
        next: 'Check its %-escapes.',
      });
    }
    const reference = randomBytes(4).toString('hex');
    const details = error instanceof Error ? error.stack : String(error);
    log(
      `dashboard: error ${reference} at ${request.method} ${JSON.stringify(request.originalUrl)}: ${details}`,
    );
    send(render, request, response, {
      status: 500,
      title: 'Our fault',
      what: 'The page could not be made.',
      next: `The reason is in the log of "multitap serve" under the reference ${reference}.`,
    });
  };
}

/** Express marks malformed requests with a 4xx `status`. */
function clientStatus(error: unknown): number | null {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}

interface Trouble {
  status: number;
  title: string;
  what: string;
  next: string;
}

function send(render: Render, request: Request, response: Response, trouble: Trouble): void {
  response.status(trouble.status).set('Cache-Control', 'no-store');
  if (request.path.endsWith('.json')) response.json({ error: trouble.what, next: trouble.next });
  else
    response.type('html').send(render('error', { ...trouble, trail: [], refreshSeconds: null, twin: null }));
}
