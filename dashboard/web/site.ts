// SPDX-License-Identifier: GPL-2.0-only
import type { Express, Request, Response } from 'express';
import type { ResultReader } from '../../results/store/types.ts';
import { sendLost } from './errors.ts';
import { Lost } from './lost.ts';
import type { Render } from './templates.ts';

/** What a page may ask of a request: its place, and the filters in its URL. */
export interface Question {
  reader: ResultReader;
  params: Readonly<Record<string, string>>;
  /** One filter of the URL; the first where it is repeated, null where it is absent or empty. */
  query(name: string): string | null;
  now: number;
}

interface Page<Data extends object> {
  /** The name of its folder, which is also its template's. */
  name: string;
  /** Express path; the JSON twin is the same with `.json` behind it. */
  path: string;
  /** What the page says, as data: the body of the JSON twin. */
  load(question: Question): Promise<Data | Lost>;
  /** The same in the words of the template. Needs `title`; may set `trail` and `refreshSeconds`. */
  view(data: Data, question: Question): View;
}

export interface View {
  title: string;
  [name: string]: unknown;
}

/** Where a page puts itself: `page` for HTML with its JSON twin, `app` for anything else. */
export interface Site {
  app: Express;
  reader: ResultReader;
  render: Render;
  page<Data extends object>(page: Page<Data>): void;
}

interface Parts {
  app: Express;
  reader: ResultReader;
  render: Render;
  now(): number;
}

export function createSite({ app, reader, render, now }: Parts): Site {
  function page<Data extends object>(page: Page<Data>): void {
    const answer = (twin: boolean) => async (request: Request, response: Response) => {
      const question = ask(request, reader, now());
      const data = await page.load(question);
      if (data instanceof Lost) return sendLost(render, request, response, data);
      response.set('Cache-Control', 'no-cache');
      if (twin) return response.json(data);
      const twinUrl = twinOf(request);
      response
        .type('html')
        .send(render(page.name, { ...frame, twin: twinUrl, ...page.view(data, question) }));
    };
    // The twin first: `/r/:id` would take `12.json` for an id.
    app.get(`${page.path}.json`, answer(true));
    app.get(page.path, answer(false));
  }
  return { app, reader, render, page };
}

/** What the layout reads and a page may leave out. */
const frame = { trail: [] as object[], refreshSeconds: null, twin: null };

function ask(request: Request, reader: ResultReader, now: number): Question {
  return {
    reader,
    params: request.params as Record<string, string>,
    query(name) {
      const value = request.query[name];
      const first = Array.isArray(value) ? value[0] : value;
      return typeof first === 'string' && first !== '' ? first : null;
    },
    now,
  };
}

function twinOf(request: Request): string {
  // Express takes `/r/12/` for `/r/12`; the twin's address has no such slash.
  const path = request.path.replace(/\/+$/, '') || '/';
  const query = request.originalUrl.indexOf('?');
  return `${path}.json${query < 0 ? '' : request.originalUrl.slice(query)}`;
}
