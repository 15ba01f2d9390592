// SPDX-License-Identifier: GPL-2.0-only
import type { ExportFormat } from './export.ts';

/**
 * One JSON document a line: the run (`type` `run`), then for each attempt of each test a line (`test`) and one for
 * each of its subtests (`subtest`), which names its test. Fields are those of `multitap results --json`. At last (`end`)
 * how many lines of both there were: a copy that was cut is known by it.
 */
export const jsonl: ExportFormat = {
  name: 'jsonl',
  summary: 'JSON Lines: the run, then every attempt of every test and subtest, and their number',
  fileName: (run) => `${run.uuid}.jsonl`,
  async *document({ run, tests }) {
    yield line({ type: 'run', ...run });
    const written = { tests: 0, subtests: 0 };
    for await (const attempts of tests()) {
      for (const { subtests, ...test } of attempts) {
        const { collection, name, attempt } = test;
        const of = { collection, test: name, attempt };
        written.tests++;
        written.subtests += subtests.length;
        yield [
          line({ type: 'test', ...test }),
          ...subtests.map((subtest) => line({ type: 'subtest', ...of, ...subtest })),
        ].join('');
      }
    }
    yield line({ type: 'end', ...written });
  },
};

/** Line and paragraph separators are escaped: some readers take them for line ends. */
function line(value: object): string {
  const text = JSON.stringify(value).replace(/[\u2028\u2029]/g, (character) =>
    character === '\u2028' ? '\\u2028' : '\\u2029',
  );
  return `${text}\n`;
}
