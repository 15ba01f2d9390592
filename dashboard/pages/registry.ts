// SPDX-License-Identifier: GPL-2.0-only
import type { Site } from '../web/site.ts';
import { historyPage } from './history/route.ts';
import { logPage } from './log/route.ts';
import { overviewPage } from './overview/route.ts';
import { runPage } from './run/route.ts';

/** Every page of the dashboard: a new one is a folder here and a line in this list. */
export const pages: readonly ((site: Site) => void)[] = [
  overviewPage, // /
  runPage, // /r/:id
  historyPage, // /t/:series
  logPage, // /log/:hash
];
