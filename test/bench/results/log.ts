// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { fixture, recordings } from '../../../results/formats/testing.ts';

/** The output of each test of kselftest's runner in the recordings, with its header and its result. */
function realTests(): string[] {
  const logs = recordings('tap')
    .filter(({ name }) => name.endsWith('.tap'))
    .map(({ bytes }) => bytes.toString());
  const texts = logs.length > 0 ? logs : [fixture('runner-simult_flows-failed.tap').toString()];
  return texts.flatMap(
    (text) => text.match(/^# selftests: .*\n(?:#.*\n)*(?:not )?ok \d+ selftests: .*\n/gm) ?? [],
  );
}

/** One TAP document of real tests, again and again up to `bytes`: only the numbers of their results are new. */
export function realLog(bytes: number): Buffer {
  const tests = realTests();
  const parts: string[] = [];
  let length = 0;
  for (let number = 1; length < bytes; number++) {
    const test = tests[number % tests.length]!;
    const part = test.replace(/ok \d+( selftests: .*\n)$/, `ok ${number}$1`);
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(`TAP version 13\n1..${parts.length}\n${parts.join('')}`);
}

/** The results that tests of MPTCP print, alone, without the runner's `# `: what any TAP parser reads in full. */
export function plainLog(bytes: number): Buffer {
  const lines = realTests().flatMap((test) => test.match(/^# (?:not )?ok \d+ - .*\n/gm) ?? []);
  const parts: string[] = [];
  let length = 0;
  for (let number = 1; length < bytes; number++) {
    const part = lines[number % lines.length]!.slice(2).replace(/ok \d+/, `ok ${number}`);
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(`TAP version 13\n1..${parts.length}\n${parts.join('')}`);
}
