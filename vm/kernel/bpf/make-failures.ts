// SPDX-License-Identifier: GPL-2.0-only

/** Why one file was not made. */
export interface MakeFailure {
  /** Its name, without the folder: `mptcp.test.o`. */
  target: string;
  /** The compiler's own words, from its first error on. */
  message: string;
}

/** `make: *** [Makefile:639: /x/y.bpf.o] Error 1`, of a sub-make with its level: `make[1]: ***`. */
const FAILED = /^make(\[\d+\])?: \*\*\* \[[^\]\s]*:\d+: ([^\]\s]+)\] Error \d+/;
/** `  CLNG-BPF [test_progs] x.bpf.o`: the BPF selftests' Makefile tells with one what it makes. */
const BEGINS = /^ {2}[A-Z][A-Z-]* +(?:\[[\w-]+\] +)?\S+$/;
const ERROR = /\b(?:fatal )?error: |undefined reference to /;

/** Of a compiler that complains at length. */
const LINES_MAX = 4;
const LENGTH_MAX = 600;

/** The first error of what one target printed, with the lines behind it that explain it. */
function words(block: readonly string[]): string {
  const at = block.findIndex((line) => ERROR.test(line));
  const lines = at < 0 ? block.slice(-LINES_MAX) : block.slice(at, at + LINES_MAX);
  return lines.join('\n').slice(0, LENGTH_MAX).trimEnd();
}

/**
 * What failed in a `make -k --output-sync=target`, in the order in which it did: what each target prints stands
 * together, its failure behind it. Failures of a sub-make are told by the target that ran it.
 *
 * @param folder what is taken from paths, since it is another one in each build
 */
export function makeFailures(output: string, folder: string): MakeFailure[] {
  const failures: MakeFailure[] = [];
  let block: string[] = [];
  for (const line of output.split('\n')) {
    const [, sub, target] = FAILED.exec(line) ?? [];
    if (target === undefined) {
      if (BEGINS.test(line)) block = [];
      else if (line.trim()) block.push(line.replaceAll(`${folder}/`, ''));
      continue;
    }
    if (sub !== undefined) continue;
    failures.push({ target: target.slice(target.lastIndexOf('/') + 1), message: words(block) });
    block = [];
  }
  return failures;
}
