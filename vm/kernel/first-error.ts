// SPDX-License-Identifier: GPL-2.0-only

/** The first error of what `make` and the compilers said, with the lines that explain it; the end where none is found. */
export function firstError(output: string): string {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => /\berror\b:|Error \d+|No such file/i.test(line));
  return lines
    .slice(at < 0 ? -10 : at, at < 0 ? undefined : at + 6)
    .join('\n')
    .trim();
}
