// SPDX-License-Identifier: GPL-2.0-only
import { json } from './json.ts';
import { ktap } from './ktap.ts';
import { pretty } from './pretty.ts';
import type { ReportFormat } from './report.ts';

export const reportFormats: readonly ReportFormat[] = [pretty, ktap, json];
