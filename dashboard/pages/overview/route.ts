// SPDX-License-Identifier: GPL-2.0-only
import type { Site } from '../../web/site.ts';
import { findBranches, type Overview } from './query.ts';
import { overviewView } from './view.ts';

/** `/`: every branch with its latest runs; `?branch=NAME[&before=RUN]`: one branch, as far back as it goes. */
export function overviewPage(site: Site): void {
  site.page<Overview>({ name: 'overview', path: '/', load: findBranches, view: overviewView });
  // `/.json` is the rule, `/index.json` is what people try.
  site.app.get('/index.json', (request, response) => {
    response.redirect(308, `/.json${request.originalUrl.slice('/index.json'.length)}`);
  });
}
