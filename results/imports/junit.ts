// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { identityOf, nameUuid } from './identity.ts';
import { ImportError, type ImportFile, type ImportFormat, MiB, note } from './import.ts';
import { Document } from './junit-document.ts';
import { bounded, fileDate } from './read-file.ts';
import { runStart } from './run-start.ts';
import { agreed } from './worse.ts';
import { readXml } from './xml.ts';

/**
 * JUnit XML as most programs write it. A `testcase` is a test, its `classname` (else the name of its suite) the
 * collection. What the elements say: `junit-document.ts`; which cases are subtests, and attempts: `junit-cases.ts`.
 */
export const junit: ImportFormat = {
  name: 'junit',
  summary: 'JUnit XML: test cases, or suites with subtests as `multitap export` writes them',
  maxBytes: 64 * MiB,
  async *read(file, options) {
    const hash = createHash('sha256');
    const document = new Document();
    await readXml(hashed(bounded(file, this.maxBytes), hash), document);
    if (!document.isJunit) throw new ImportError('is no JUnit XML: it has no testsuite');
    yield* document.told;
    if (document.startedAt === null) yield note('', 'it tells no date: that of the file is taken');
    const startedAt = document.startedAt ?? fileDate(file);
    const start = runStart('junit', file, options, {
      uuid: nameUuid('junit', [hash.digest('hex'), identityOf(options)]),
      ...{ suite: 'junit', branch: { name: 'imported' }, revision: { name: file.base }, startedAt },
      facts: { title: document.title.slice(0, 1000) },
    });
    const { tests, notes } = agreed(document.tests);
    yield* notes;
    const dated = tests.map((attempts) => attempts.map((one) => ({ ...one, startedAt })));
    const end = { state: 'complete' as const, finishedAt: startedAt, reason: '' };
    yield { type: 'run', run: { place: '', start, tests: dated, end } };
  },
};

function hashed(file: ImportFile, hash: ReturnType<typeof createHash>): ImportFile {
  return {
    ...file,
    async *chunks() {
      for await (const chunk of file.chunks()) {
        hash.update(chunk);
        yield chunk;
      }
    },
  };
}
