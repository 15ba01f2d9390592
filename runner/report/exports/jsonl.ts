// SPDX-License-Identifier: GPL-2.0-only
import type { ExportFormat } from './export.ts';

/**
 * One JSON document a line: the run (`type` `run`), then for each attempt of each test a line (`test`) and one for
 * each of its subtests (`subtest`), which names its test. Fields are those of `multitap results --json`.
 */
export const jsonl: ExportFormat = {
  name: 'jsonl',
  summary: 'JSON Lines: the run, then every attempt of every test and subtest',
  fileName: (run) => `${run.uuid}.jsonl`,
  async *document({ run, tests }) {
    yield line({ type: 'run', ...run });
    for await (const attempts of tests()) {
      for (const { subtests, ...test } of attempts) {
        const { collection, name, attempt } = test;
        const of = { collection, test: name, attempt };
        yield [
          line({ type: 'test', ...test }),
          ...subtests.map((subtest) => line({ type: 'subtest', ...of, ...subtest })),
        ].join('');
      }
    }
  },
};

/** Line and paragraph separators are escaped: some readers take them for line ends. */
function line(value: object): string {
  const text = JSON.stringify(value).replace(/[\u2028\u2029]/g, (character) =>
    character === '\u2028' ? '\\u2028' : '\\u2029',
  );
  return `${text}\n`;
}
