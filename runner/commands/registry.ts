// SPDX-License-Identifier: GPL-2.0-only
import { dbCommand } from './db.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { kernelCommand } from './kernel.ts';
import { loopCommand } from './loop.ts';
import { parseCommand } from './parse.ts';
import { resultsCommand } from './results.ts';
import { rootfsCommand } from './rootfs.ts';
import { runCommand } from './run.ts';
import { shellCommand } from './shell.ts';

export const commands = [
  runCommand,
  loopCommand,
  resultsCommand,
  parseCommand,
  exportCommand,
  importCommand,
  dbCommand,
  shellCommand,
  kernelCommand,
  rootfsCommand,
  doctorCommand,
];
