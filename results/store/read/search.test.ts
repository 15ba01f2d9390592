// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkStore, openStore } from '../index.ts';
import { olderCopy } from '../migrations/older-store.ts';
import { aRun, aSubtest, aTest, dayMs, morning, scratch } from '../test-support.ts';
import type { Store } from '../types.ts';
import { trigramQuery } from './search-index.ts';

const end = { state: 'complete' as const, finishedAt: morning, reason: '' };

/** ASCII letters in any case, by the book. */
const asciiLower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const contains = (text: string, part: string) => asciiLower(text).includes(asciiLower(part));

/** One failing test for each text, in a run of its own; later ones began earlier. */
async function filled(store: Store, texts: readonly string[]): Promise<void> {
  for (const [i, text] of texts.entries()) {
    const subtests = [aSubtest(text || 'x', { outcome: 'fail', message: `of ${text}` })];
    const tests = [aTest({ outcome: 'fail', message: text, subtests })];
    await store.addRun(aRun({ startedAt: morning - i * dayMs }), tests, end);
  }
}

// What means something to SQL, to the index and to UTF-16, in a word and by itself.
const character = fc.constantFrom(...'aAbB%_\\"\'*^-() éÉß中😀\n:', 'ﬁ', '\ud800', '\u0301');
const piece = fc.array(character, { maxLength: 5 }).map((all) => all.join(''));

test('finds what contains a text and nothing else', { timeout: 120_000 }, async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  const word = fc.array(character, { maxLength: 12 }).map((all) => all.join('').toWellFormed());
  const texts = fc.sample(word, { numRuns: 150, seed: 11 });
  await filled(store, texts);
  const kept = texts.flatMap((text, i) => [
    { run: i + 1, message: text },
    { run: i + 1, message: `of ${text}` },
  ]);
  const subtests = [...new Set(texts.map((text) => text || 'x'))];
  await fc.assert(
    fc.asyncProperty(piece, async (part) => {
      fc.pre(part !== '');
      const found = await store.search(part, 1000);
      const wanted = kept.filter(({ message }) => contains(message, part.toWellFormed()));
      expect(found.messages.map(({ runId, message }) => ({ run: runId, message }))).toEqual(
        expect.arrayContaining(wanted.filter(({ message }) => message !== '')),
      );
      expect(found.messages).toHaveLength(wanted.filter(({ message }) => message !== '').length);
      // Those of the run that began last first.
      expect(found.messages.map(({ runId }) => runId)).toEqual(
        found.messages.map(({ runId }) => runId).toSorted((a, b) => a - b),
      );
      const named = subtests.filter((name) => contains(name, part.toWellFormed()));
      expect(
        found.names
          .filter(({ subtest }) => subtest !== '')
          .map(({ subtest }) => subtest)
          .toSorted(),
      ).toEqual(named.toSorted());
    }),
    { numRuns: 400 },
  );
});

test('what is frequent, long or made to break it', { timeout: 60_000 }, async ({ onTestFinished }) => {
  const store = await openStore(await scratch(onTestFinished));
  onTestFinished(() => store.close());
  const subtests = Array.from({ length: 600 }, (_, i) =>
    aSubtest(`part ${i}`, { outcome: 'fail', message: 'why' }),
  );
  for (let n = 0; n < 3; n++)
    await store.addRun(
      aRun({ startedAt: morning - n }),
      [aTest({ subtests, message: 'w'.repeat(9000) })],
      end,
    );
  // More than the index is asked for: the newest run's.
  expect((await store.search('why', 5)).messages.map(({ runId }) => runId)).toEqual([1, 1, 1, 1, 1]);
  expect((await store.search('w'.repeat(9000), 5)).messages).toHaveLength(3);
  expect((await store.search('w'.repeat(9001), 5)).messages).toEqual([]);
  for (const text of ['" OR "', 'NEAR(a b)', '"""', 'text:why', '*why', 'why\0', '\0'])
    expect(await store.search(text, 5), text).toEqual({ names: [], messages: [] });
});

test('what an older version recorded is found', async ({ onTestFinished }) => {
  const [today, old] = [await scratch(onTestFinished), await scratch(onTestFinished)];
  const store = await openStore(today);
  const long = `${'x'.repeat(1500)} timed out at last`;
  await filled(store, ['timed out', 'exit code 1', 'timed out again', long]);
  await store.close();
  await olderCopy(today, old);
  const upgraded = await openStore(old);
  onTestFinished(() => upgraded.close());
  const { messages, names } = await upgraded.search('IMED OUT', 10);
  expect(messages.map(({ message }) => message)).toEqual([
    ...['timed out', 'of timed out', 'timed out again', 'of timed out again', long, `of ${long}`],
  ]);
  expect(names.map(({ subtest }) => subtest)).toEqual(
    expect.arrayContaining(['timed out', 'timed out again']),
  );
  expect(indexedMessages(old, 'timed out')).toBe(4);
  expect((await checkStore(old, { content: true })).problems).toEqual([]);
});

test('a message that is too long for the index is found as long as it is new', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  const subtests = [999, 1000, 1001, 16_000].map((length) =>
    aSubtest(`of ${length}`, { outcome: 'fail', message: 'needle'.padStart(length, '-') }),
  );
  await store.addRun(aRun(), [aTest({ outcome: 'fail', message: 'failed', subtests })], end);
  expect((await store.search('needle', 10)).messages.map(({ message }) => message.length)).toEqual([
    999, 1000, 1001, 16_000,
  ]);
  expect(indexedMessages(directory, 'needle')).toBe(2);
  expect((await checkStore(directory, { content: true })).problems).toEqual([]);
});

/** How many messages the index alone finds. */
function indexedMessages(directory: string, text: string): number {
  const database = new Database(path.join(directory, 'multitap.db'), { readonly: true });
  const count = database.prepare<[string], number>(
    'SELECT count(*) FROM message_search WHERE message_search MATCH ?',
  );
  const found = count.pluck().get(trigramQuery(text)!)!;
  database.close();
  return found;
}
