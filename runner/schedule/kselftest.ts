// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import type { ExecRequest } from '../../vm/guest/protocol.ts';
import { GUEST_KSELFTEST } from '../../vm/kernel/selftests.ts';
import { readInside } from '../../vm/read-inside.ts';

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
export function testRequest(collection: string, name: string, slow: boolean, timeoutMs: number): ExecRequest {
  const script = [
    'if [ ! -e "$1" ]; then echo "# Warning: file $1 is missing!"; exit 1; fi',
    'if [ -x "$1" ]; then exec stdbuf --output=L "./$1"; fi',
    'if [ -x ./ksft_runner.sh ]; then exec stdbuf --output=L ./ksft_runner.sh "./$1"; fi',
    'echo "# Warning: file $1 is not executable"',
    'line=$(head -n 1 "$1"); case $line in "#!"*) exec stdbuf --output=L ${line#??} "./$1";; esac; exit 1',
  ].join('\n');
  return {
    argv: ['/bin/sh', '-c', script, 'sh', name],
    cwd: `${GUEST_KSELFTEST}/${collection}`,
    env: {
      kselftest_timeout: String(Math.round(timeoutMs / 1000)),
      skip_rc: String(ksft.skip),
      timeout_rc: String(ksft.timeout),
      ...(slow ? { KSFT_MACHINE_SLOW: 'yes' } : {}),
    },
    timeoutMs,
    mark: true,
  };
}
