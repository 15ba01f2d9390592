// SPDX-License-Identifier: GPL-2.0-only
import { auto } from '../formats/auto.ts';
import type { RunEnd } from '../store/types.ts';
import { hasContent, understand } from '../understand/index.ts';
import type { UnderstoodLog } from '../understand/log.ts';
import { isBad, type Outcome } from '../words.ts';
import { contentHash, identityOf, nameUuid } from './identity.ts';
import { ImportError, type ImportEvent, type ImportFormat, MiB, note, problem } from './import.ts';
import { maxPlaces, testsOfLog } from './log-tests.ts';
import { fileDate, readWhole, refuseNoText } from './read-file.ts';
import { runStart } from './run-start.ts';

/**
 * Any log that `multitap parse` understands: one run. Each test has the whole log, so that its lines are those of the
 * file; the store keeps it once.
 */
export const log: ImportFormat = {
  name: 'log',
  summary: 'any log that `multitap parse` understands: one run, with the crashes in it',
  maxBytes: 64 * MiB,
  async *read(file, options) {
    const bytes = await readWhole(file, this.maxBytes);
    refuseNoText(bytes);
    const understood = understandWhole(file.base, bytes);
    if (!hasContent(understood)) throw new ImportError(noContent(bytes, understood));
    yield note('', 'it tells no date: that of the file is taken');
    yield* remarks(understood);
    const startedAt = fileDate(file);
    const start = runStart('log', file, options, {
      uuid: nameUuid('log', [contentHash(bytes), identityOf(options)]),
      ...{ suite: 'imported', branch: { name: 'imported' }, revision: { name: file.base }, startedAt },
      facts: { dialect: understood.format, metadata: understood.metadata },
    });
    const tests = testsOfLog(understood, bytes, startedAt).map((test) => [test]);
    yield { type: 'run', run: { place: '', start, tests, end: endOf(understood, startedAt) } };
  },
};

/** In pieces: what looks for the first result need not look at all that is behind it. */
function understandWhole(name: string, bytes: Buffer): UnderstoodLog {
  const parser = understand(name, auto, maxPlaces);
  for (let at = 0; at < bytes.length; at += MiB) parser.push(bytes.subarray(at, at + MiB));
  return parser.end();
}

function* remarks({ problems, unnamed, crashes }: UnderstoodLog): Iterable<ImportEvent> {
  for (const { line, text } of problems) yield note(`line ${line}`, text);
  for (const [outcome, count] of Object.entries(unnamed) as [Outcome, number][])
    yield isBad(outcome)
      ? note('', `${count} results (${outcome}) are counted without a name: stored as one test`)
      : problem('', `${count} results (${outcome}) are counted without a name: not stored`);
  for (const { title, count, occurrences } of crashes)
    if (count > occurrences.length)
      yield problem(
        '',
        `${title}: ${count - occurrences.length} occurrences not placed, behind ${maxPlaces}`,
      );
}

function noContent(bytes: Buffer, { lines }: UnderstoodLog): string {
  return bytes.subarray(0, 512).includes(0)
    ? 'is no text'
    : `holds no result and no crash, in ${lines} lines`;
}

function endOf({ complete, bailOut }: UnderstoodLog, finishedAt: number): RunEnd {
  if (complete) return { state: 'complete', finishedAt, reason: '' };
  const reason = bailOut === null ? 'the log is not complete' : `Bail out! ${bailOut}`.trim();
  return { state: 'incomplete', finishedAt, reason };
}
