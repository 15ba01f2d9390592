// SPDX-License-Identifier: GPL-2.0-only
import { crashRecogniser } from '../crash/index.ts';
import { collect } from '../formats/collect.ts';
import { FirstSign } from '../formats/first-sign.ts';
import type { ParsedTest, ResultFormat } from '../formats/format.ts';
import { uniqueNames } from '../formats/unique-names.ts';
import { countOutcomes, type Outcome } from '../words.ts';
import { CrashList, placeCrashes } from './crashes.ts';
import type { UnderstoodLog, UnderstoodTest } from './log.ts';

/** A log as it streams by: its results and the crashes in it. Never throws on input. */
export interface Understanding {
  push(chunk: Uint8Array): void;
  end(): UnderstoodLog;
}

/** @param places that are kept of each crash */
export function understand(file: string, format: ResultFormat, places?: number): Understanding {
  const parser = collect(format);
  const recogniser = crashRecogniser();
  const found = new CrashList(places);
  const sign = new FirstSign();
  return {
    push(chunk) {
      parser.push(chunk);
      sign.push(chunk);
      found.add(recogniser.push(chunk));
    },
    end() {
      const { format, lines, complete, plan, bailOut, skipAll, unnamed, metadata, ...document } =
        parser.end();
      found.add(recogniser.end());
      const tests = understoodTests(document.tests);
      const crashes = found.all();
      sign.end();
      const problems = [...document.problems];
      if (found.leftOut > 0)
        problems.push({ line: lines, text: `${found.leftOut} more reports of the kernel, of other faults` });
      placeCrashes(crashes, tests, sign.line ?? 0);
      return {
        ...{ file, format, lines, complete, plan, bailOut, skipAll: skipAll ?? null },
        counts: {
          tests: countOutcomes(tests.map(({ outcome }) => outcome)),
          subtests: countOutcomes(tests.flatMap(({ subtests }) => outcomesOf(subtests))),
        },
        ...{ unnamed, metadata, tests, crashes, problems },
      };
    },
  };
}

/** Whether anything at all was understood: a file that is no log has none of these. */
export function hasContent({ tests, crashes, unnamed, skipAll }: UnderstoodLog): boolean {
  return tests.length > 0 || crashes.length > 0 || Object.keys(unnamed).length > 0 || skipAll !== null;
}

function understoodTests(tests: readonly ParsedTest[]): UnderstoodTest[] {
  const names = uniqueNames(tests);
  return tests.map(({ number: _number, subtests, name: _name, ...test }, i) => ({
    name: names[i]!,
    ...test,
    crashes: [],
    subtests: understoodTests(subtests),
  }));
}

function outcomesOf(tests: readonly UnderstoodTest[]): Outcome[] {
  return tests.flatMap(({ outcome, subtests }) => [outcome, ...outcomesOf(subtests)]);
}
