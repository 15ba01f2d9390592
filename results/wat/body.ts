// SPDX-License-Identifier: GPL-2.0-only
import { signed, unsigned } from './encode.ts';
import { instructions } from './instructions.ts';
import { list, type Tree, word } from './parse.ts';

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const NO_RESULT = 0x40;

/** What instructions call by name: each stands where its number is. */
export interface Names {
  local: readonly string[];
  global: readonly string[];
  function: readonly string[];
}

/** The instructions of a function. */
export class Body {
  readonly bytes: number[] = [];
  #names: Names;
  /** Of the blocks around an instruction; innermost last. */
  #labels: string[] = [];

  constructor(names: Names) {
    this.#names = names;
  }

  /** Adds folded instructions, and their end. */
  write(trees: readonly Tree[]): number[] {
    for (const tree of trees) this.#one(list(tree));
    this.bytes.push(END);
    return this.bytes;
  }

  /** What an instruction is done with stands before it. */
  #one(tree: readonly Tree[]): void {
    const name = word(tree[0]);
    if (name === 'block' || name === 'loop') {
      this.bytes.push(name === 'loop' ? LOOP : BLOCK, NO_RESULT);
      this.#within(word(tree[1]), tree, 2);
      this.bytes.push(END);
    } else if (name === 'if') this.#if(tree);
    else this.#plain(name, tree);
  }

  #plain(name: string, tree: readonly Tree[]): void {
    const known = instructions.get(name);
    if (known === undefined) throw new SyntaxError(`no instruction that is known here: ${name}`);
    const { bytes, immediate } = known;
    const has = immediate !== 'none' && (immediate !== 'address' || typeof tree[1] === 'string');
    for (let i = has ? 2 : 1; i < tree.length; i++) this.#one(list(tree[i]!));
    this.bytes.push(...bytes);
    if (immediate === 'integer') this.bytes.push(...signed(Number(word(tree[1])) | 0));
    else if (immediate === 'address') {
      const offset = has ? word(tree[1]).replace('offset=', '') : 0;
      this.bytes.push(0, ...unsigned(Number(offset)));
    } else if (immediate !== 'none') this.bytes.push(...unsigned(this.#index(immediate, word(tree[1]))));
  }

  /** `(if CONDITION (then …) (else …))`. */
  #if([, condition, then, otherwise]: readonly Tree[]): void {
    this.#one(list(condition!));
    this.bytes.push(IF, NO_RESULT);
    this.#within('', list(then!), 1);
    if (otherwise !== undefined) {
      this.bytes.push(ELSE);
      this.#within('', list(otherwise), 1);
    }
    this.bytes.push(END);
  }

  #within(label: string, trees: readonly Tree[], from: number): void {
    this.#labels.push(label);
    for (let i = from; i < trees.length; i++) this.#one(list(trees[i]!));
    this.#labels.pop();
  }

  #index(kind: keyof Names | 'label', name: string): number {
    const names = kind === 'label' ? this.#labels : this.#names[kind];
    const index = names.lastIndexOf(name);
    if (index < 0) throw new SyntaxError(`no ${kind} of this name: ${name}`);
    return kind === 'label' ? names.length - 1 - index : index;
  }
}
