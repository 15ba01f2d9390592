// SPDX-License-Identifier: GPL-2.0-only
import { resultLine } from './ktap-line.ts';
import type { ReportFormat } from './report.ts';
import { printable } from './text.ts';

export const ktap: ReportFormat = {
  name: 'ktap',
  summary: 'as kselftest’s own runner prints it: one TAP 13 document, test output behind “# ”',
  create: (print) => {
    let number = 0;
    // Byte for byte into files and pipes; a terminal is spared what a guest may send it.
    const shown = process.stdout.isTTY ? printable : (text: string) => text;
    return {
      started: (tests) => print(`TAP version 13\n1..${tests.length}\n`),
      test: (test, again) => {
        const output = test.logs.find(({ kind }) => kind === 'output')?.content;
        print(
          `# timeout set to ${Math.round(test.timeoutMs / 1000)}\n# selftests: ${test.collection}: ${test.name}\n`,
        );
        if (output?.length)
          print(
            `# ${shown(Buffer.from(output).toString('utf8')).replace(/\n$/, '').replaceAll('\n', '\n# ')}\n`,
          );
        // One result for each test of the plan: the last attempt's.
        if (again) print(`# attempt ${test.attempt}: ${test.outcome}, tried again in a fresh guest\n`);
        else print(`${resultLine(test, ++number)}\n`);
      },
      finished: () => {},
    };
  },
};
