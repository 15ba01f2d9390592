// SPDX-License-Identifier: GPL-2.0-only
/**
 * The kernel's reports of its own faults, found in a console that streams by or in a log that is there.
 *
 * What a line must look like, whose a line is, when a report is over: `assembler.ts`, `open-report.ts`.
 * Which reports there are and what they are called: `rules/`. Which function is to blame: `guilty.ts`,
 * `anchors.ts`, `machinery.ts`. What stays the same from build to build: `signature.ts`.
 */
export { type CrashKind, kinds } from './kinds.ts';
export { crashRecogniser, recogniseAll } from './recogniser.ts';
export type { CrashReport } from './report.ts';
export { LEAKS_ANNOUNCED } from './rules/leaks.ts';
