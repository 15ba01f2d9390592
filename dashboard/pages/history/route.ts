// SPDX-License-Identifier: GPL-2.0-only
import type { Site } from '../../web/site.ts';
import { findHistory, type HistoryPage } from './query.ts';
import { historyView } from './view.ts';

/** `/t/:series[?limit=N]`: one test or subtest on one branch and variant through time. */
export function historyPage(site: Site): void {
  site.page<HistoryPage>({ name: 'history', path: '/t/:series', load: findHistory, view: historyView });
}
