// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';

/** The simplest count of result lines there is, by another program than our parser. */
const AWK = `
/^(# )*(not )?ok [0-9]+ / { results++ }
/^(# )*not ok [0-9]+ / && !/# (SKIP|XFAIL|TODO)/ { failures++ }
/^(# )*ok [0-9]+ .*# SKIP/ { skips++ }
/^(# )*ok [0-9]+ .*# XFAIL/ { xfails++ }
END { print results + 0, failures + 0, skips + 0, xfails + 0 }
`;

/** Counts what a raw log of one test holds, of KTAP as our own tests and kselftest's shell helpers print it. */
export async function countResults(log: Uint8Array) {
  const { stdout } = await execa('awk', [AWK], { input: log });
  const [results, fail, skip, xfail] = stdout.split(' ').map(Number) as [number, number, number, number];
  return { results, fail, skip, xfail };
}
