// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { $ } from 'zx';

/** What `script/test` counts, summed over all its parts. */
interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

interface Part {
  title: string;
  run(): Promise<Totals>;
}

const root = join(import.meta.dirname, '..');
const { values: flags } = parseArgs({
  options: { all: { type: 'boolean', default: false }, faults: { type: 'boolean', default: false } },
});
const shell = $({ cwd: root, stdio: 'inherit', nothrow: true, preferLocal: true });

const asOne = (exitCode: number | null): Totals =>
  exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };

/** A command that passes or fails as a whole: one test. */
function whole(title: string, command: string[]): Part {
  return { title, run: async () => asOne((await shell`${command}`).exitCode) };
}

/** The same, for one that runs beside others: what it says comes in one piece. */
function check(title: string, command: string[]): Part {
  const run = async () => {
    const { exitCode, stdall } = await shell({ stdio: 'pipe' })`${command}`;
    process.stdout.write(stdall);
    return asOne(exitCode);
  };
  return { title, run };
}

/** A vitest project; its counts are read from its own JSON report. */
function vitest(title: string, project: string, files: string[] = []): Part {
  return {
    title,
    run: async () => {
      const dir = await mkdtemp(join(tmpdir(), 'multitap-test-'));
      const report = join(dir, 'report.json');
      const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`];
      const all = $({
        cwd: root,
        stdio: 'inherit',
        nothrow: true,
        preferLocal: true,
        env: {
          ...process.env,
          MULTITAP_TEST_ALL: flags.all ? '1' : '',
          MULTITAP_TEST_FAULTS: flags.faults ? '1' : '',
        },
      });
      const { exitCode } = await all`vitest run --project ${project} ${reporters} ${files}`;
      const json = await readFile(report, 'utf8').then(JSON.parse, () => null);
      await rm(dir, { recursive: true });
      // No report, or a failure that no test stands for (a file that does not load): still a failure.
      const failed = Math.max(json?.numFailedTests ?? 1, exitCode === 0 ? 0 : 1);
      return {
        passed: json?.numPassedTests ?? 0,
        failed,
        skipped: (json?.numPendingTests ?? 0) + (json?.numTodoTests ?? 0),
      };
    },
  };
}

// What the whole-program tests boot: here, so that its progress is seen and no test pays for it.
const prepare = whole('root file system, kernel and selftests', [
  'node',
  'bin/multitap.cjs',
  ...['run', 'mptcp', 'bpf', 'apps', '--kernel', 'deb:6.12', '--quick', '--dry-run'],
]);

/** All at once: each uses one processor. */
const sources: Part[] = [
  check('types', ['tsc', '--noEmit']),
  check('lint and format', ['biome', 'ci', '--error-on-warnings', '.']),
  check('import rules', ['depcruise', '--output-type', 'err', 'bin', 'vm', 'runner', 'results', 'dashboard']),
  check('dead code', ['knip']),
];
const everything: Part[] = [
  vitest('unit tests', 'unit'),
  prepare,
  vitest('whole-program tests', 'program'),
  ...(flags.all ? [whole('mutation', ['stryker', 'run'])] : []),
];
const faultsAlone = [prepare, vitest('fault matrix', 'program', ['test/faults.test.ts'])];

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
async function count({ title, run }: Part): Promise<void> {
  process.stdout.write(`\n== ${title}\n`);
  const began = performance.now();
  const counts = await run();
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.skipped += counts.skipped;
  const seconds = Math.round((performance.now() - began) / 1000);
  lines.push(
    `${counts.failed === 0 ? '✓' : '✗'} ${title}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${seconds} s`,
  );
}

if (!flags.faults) await Promise.all(sources.map(count));
for (const part of flags.faults ? faultsAlone : everything) await count(part);
process.stdout.write(
  `\n${lines.join('\n')}\n\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`,
);
process.exitCode = totals.failed === 0 ? 0 : 1;
