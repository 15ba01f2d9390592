// SPDX-License-Identifier: GPL-2.0-only

/** A word, or what stands between parentheses. */
export type Tree = string | Tree[];

const token = /;;.*|"[^"]*"|[()]|[^\s()";]+/g;

/** Reads expressions, `(…)`, with comments behind `;;`. Strings keep their quotes. */
export function parse(text: string): Tree[] {
  const open: Tree[][] = [[]];
  for (const [word] of text.matchAll(token)) {
    if (word.startsWith(';;')) continue;
    if (word === '(') open.push([]);
    else if (word === ')') open.at(-2)!.push(open.pop()!);
    else open.at(-1)!.push(word);
  }
  if (open.length !== 1) throw new SyntaxError('a parenthesis is not closed');
  return open[0]!;
}

export function list(tree: Tree): Tree[] {
  if (typeof tree === 'string') throw new SyntaxError(`(…) expected: ${tree}`);
  return tree;
}

export function word(tree: Tree | undefined): string {
  if (typeof tree !== 'string') throw new SyntaxError(`a word expected: ${JSON.stringify(tree)}`);
  return tree;
}
