// SPDX-License-Identifier: GPL-2.0-only

/** A word, or what stands between parentheses. */
export type Tree = string | Tree[];

const comment = /;;.*/g;
const token = /[()]|[^\s()"]+|"[^"]*"/g;

/** Reads expressions, `(…)`, with comments behind `;;`. Strings keep their quotes. */
export function parse(text: string): Tree[] {
  const open: Tree[][] = [];
  let innermost: Tree[] = [];
  for (const found of text.replace(comment, '').match(token) ?? []) {
    if (found === '(') {
      open.push(innermost);
      innermost = [];
    } else if (found === ')') {
      const closed = innermost;
      innermost = open.pop()!;
      innermost.push(closed);
    } else innermost.push(found);
  }
  if (open.length > 0) throw new SyntaxError('a parenthesis is not closed');
  return innermost;
}

export function list(tree: Tree): Tree[] {
  if (typeof tree === 'string') throw new SyntaxError(`(…) expected: ${tree}`);
  return tree;
}

export function word(tree: Tree | undefined): string {
  if (typeof tree !== 'string') throw new SyntaxError(`a word expected: ${JSON.stringify(tree)}`);
  return tree;
}
