// SPDX-License-Identifier: GPL-2.0-only
import { csv } from './csv.ts';
import type { ExportFormat } from './export.ts';
import { jsonl } from './jsonl.ts';
import { junit } from './junit.ts';
import { kcidb } from './kcidb.ts';
import { ktap } from './ktap.ts';
import { nipa } from './nipa.ts';

export const exportFormats: readonly ExportFormat[] = [ktap, junit, kcidb, nipa, jsonl, csv];
