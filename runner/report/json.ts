// SPDX-License-Identifier: GPL-2.0-only
import type { ReportFormat } from './report.ts';

export const json: ReportFormat = {
  name: 'json',
  summary: 'one JSON document at the end: the run as it was stored',
  create: (print) => ({
    started: () => {},
    test: () => {},
    finished: (run) => print(`${JSON.stringify(run, null, 1)}\n`),
  }),
};
