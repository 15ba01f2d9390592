// SPDX-License-Identifier: GPL-2.0-only
import type { ImportFormat } from './import.ts';
import { jsonl } from './jsonl.ts';
import { junit } from './junit.ts';
import { lkp } from './lkp.ts';
import { log } from './log.ts';
import { mptcpCi } from './mptcp-ci.ts';
import { nipa } from './nipa.ts';

export const importFormats: readonly ImportFormat[] = [nipa, mptcpCi, junit, lkp, log, jsonl];
