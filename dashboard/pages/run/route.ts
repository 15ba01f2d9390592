// SPDX-License-Identifier: GPL-2.0-only
import type { Site } from '../../web/site.ts';
import { findRun, type RunPage } from './query.ts';
import { runView } from './view.ts';

/** `/r/:id[?show=failures][&test=COLLECTION:NAME]`; `:id` is a run's number, its UUID or the beginning of it. */
export function runPage(site: Site): void {
  site.page<RunPage>({ name: 'run', path: '/r/:id', load: findRun, view: runView });
}
