// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { tap } from '../../results/formats/tap/index.ts';
import type { ExecRequest } from '../../vm/guest/protocol.ts';
import { buildSelftests, GUEST_KSELFTEST } from '../../vm/kernel/selftests.ts';
import { readInside } from '../../vm/read-inside.ts';
import { lackingOf } from '../kernel-config.ts';
import type { Needs } from './needs.ts';
import type { PlannedTest, Start } from './planned-test.ts';
import type { Suite, SuiteContext } from './suite.ts';

/** kselftest_default_timeout of tools/testing/selftests/kselftest/runner.sh, in seconds. */
const DEFAULT_TIMEOUT_S = 45;

/** Exit codes of kselftest.h and runner.sh. */
export const ksft = { pass: 0, fail: 1, xfail: 2, xpass: 3, skip: 4, timeout: 124 } as const;

/**
 * The `timeout` of a collection's `settings` file, in seconds; 0 for none. As runner.sh reads it: a shell
 * assignment, indented or not, with a comment behind it or not; the last one counts.
 */
export async function settingsTimeout(install: string, collection: string): Promise<number> {
  const text = await readInside(install, join(install, collection, 'settings')).then(String, () => '');
  const found = [...text.matchAll(/^[ \t]*timeout=(["']?)(\d+)\1[ \t\r]*(?:[ \t]#.*)?$/gm)].at(-1);
  return found ? Number(found[2]) : DEFAULT_TIMEOUT_S;
}

/**
 * How kselftest's runner.sh starts a test: in its collection's folder, with line-buffered output, by its
 * interpreter where it is not executable. We start it ourselves, since runner.sh hides the exit code behind
 * a pipeline, mixes both streams and kills only the first process on a time-out.
 */
export function testRequest(
  collection: string,
  [file, ...args]: readonly [file: string, ...args: string[]],
  { slow, timeoutMs }: Start,
): ExecRequest {
  const script = [
    'test=$1; shift',
    'if [ ! -e "$test" ]; then echo "# Warning: file $test is missing!"; exit 1; fi',
    'if [ -x "$test" ]; then exec stdbuf --output=L "./$test" "$@"; fi',
    'if [ -x ./ksft_runner.sh ]; then exec stdbuf --output=L ./ksft_runner.sh "./$test" "$@"; fi',
    'echo "# Warning: file $test is not executable"',
    'line=$(head -n 1 "$test")',
    'case $line in "#!"*) exec stdbuf --output=L ${line#??} "./$test" "$@";; esac; exit 1',
  ].join('\n');
  return {
    argv: ['/bin/sh', '-c', script, 'sh', file, ...args],
    cwd: `${GUEST_KSELFTEST}/${collection}`,
    env: {
      kselftest_timeout: String(Math.round(timeoutMs / 1000)),
      skip_rc: String(ksft.skip),
      timeout_rc: String(ksft.timeout),
      ...(slow ? { KSFT_MACHINE_SLOW: 'yes' } : {}),
    },
  };
}

/** Of what is lacking: what the terminal tells; the run's environment has all of it. */
const TOLD = 6;

/**
 * What the collection's own `config` asks of a kernel and this one does not have: told once. Its tests are run
 * anyway, since each of them knows best what it can do without.
 */
async function lackingConfig(
  install: string,
  collection: string,
  { kernel, progress }: Pick<SuiteContext, 'kernel' | 'progress'>,
): Promise<string[]> {
  const fragment = await readInside(install, join(install, collection, 'config')).then(String, () => '');
  const lacking = await lackingOf(kernel, fragment);
  if (lacking.length > 0) {
    const more = lacking.length > TOLD ? `, … ${lacking.length - TOLD} more` : '';
    progress
      .step(`Configuration for ${collection}`)
      .done(
        `${kernel.release} lacks ${lacking.slice(0, TOLD).join(', ')}${more}: tests may skip or fail for it`,
      );
  }
  return lacking;
}

/** Seconds that a test counts as where nothing is known. */
const UNKNOWN_S = 60;

/** A test as `kselftest-list.txt` names it; `program` where it is another one's file, with arguments. */
export function kselftest(
  collection: string,
  name: string,
  {
    timeoutS,
    seconds,
    program,
  }: { timeoutS: number; seconds?: number | undefined; program?: [string, ...string[]] | undefined },
): PlannedTest {
  return {
    ...{ collection, name, timeoutS, format: tap, expectedSeconds: seconds ?? UNKNOWN_S },
    start: (how) => testRequest(collection, program ?? [name], how),
  };
}

/** What there is to tell of a collection that has a suite's file of its own. */
interface About {
  name: string;
  summary: string;
  /** Below `tools/testing/selftests`. */
  collection: string;
  quick: readonly string[];
  /** Seconds that tests take under TCG, measured: docs/explanation/speed.md. */
  seconds: Readonly<Record<string, number>>;
  needs: Needs;
  /** Tests that are no files of their own in this tree: arguments to another, by the names that newer trees have. */
  variants?: Readonly<Record<string, [file: string, ...args: string[]]>>;
  verify?: PlannedTest['verify'];
}

/** A suite that is a collection of the kernel's own selftests. */
export function kselftestSuite({ collection, seconds, variants = {}, verify, ...about }: About): Suite {
  return {
    ...about,
    collections: [collection],
    build: async ({ rootfs, kernel, source, progress }) => {
      const { version, layer, install, tests } = await buildSelftests(rootfs, source, collection, progress);
      const files = tests.flatMap((line) =>
        line.startsWith(`${collection}:`) ? [line.slice(collection.length + 1)] : [],
      );
      const timeoutS = await settingsTimeout(install, collection);
      const test = (name: string, program?: [string, ...string[]]) => ({
        ...kselftest(collection, name, { timeoutS, seconds: seconds[name], program }),
        ...(verify ? { verify } : {}),
      });
      const more = Object.entries(variants).filter(
        ([name, [file]]) => files.includes(file) && !files.includes(name),
      );
      return {
        version,
        layers: [layer],
        tests: [...files.map((name) => test(name)), ...more.map(([name, program]) => test(name, program))],
        folder: (of) => `${GUEST_KSELFTEST}/${of}`,
        facts: { lackingConfig: await lackingConfig(install, collection, { kernel, progress }) },
      };
    },
  };
}
