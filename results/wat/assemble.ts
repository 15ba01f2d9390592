// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { Body, type Names } from './body.ts';
import { sized, string, unsigned, vector } from './encode.ts';
import { list, parse, type Tree, word } from './parse.ts';

const types: Readonly<Record<string, number>> = { i32: 0x7f, v128: 0x7b };

/** A function's `(func $name …)` or `(func (export "name") …)`, taken apart. */
class Func {
  name: string;
  exported: boolean;
  #parts: Tree[][];

  constructor([, first, ...rest]: Tree[]) {
    this.exported = typeof first !== 'string';
    this.name = word(typeof first === 'string' ? first : first![1]);
    this.#parts = rest.map(list);
  }

  get type(): number[] {
    const results = this.#of('result').map(([, type]) => [types[word(type)]!]);
    return [0x60, ...vector(typesOf(this.#of('param'))), ...vector(results)];
  }

  /** Its locals, each a group of one, and its instructions. */
  code(names: Omit<Names, 'local'>): number[] {
    const locals = this.#of('local');
    const local = [...this.#of('param'), ...locals].map(([, name]) => word(name));
    const body = this.#parts.filter(([first]) => !['param', 'result', 'local'].includes(word(first)));
    const groups = typesOf(locals).map((type) => [1, ...type]);
    return [...vector(groups), ...new Body({ ...names, local }).write(body)];
  }

  #of(kind: string): Tree[][] {
    return this.#parts.filter(([first]) => first === kind);
  }
}

const typesOf = (named: Tree[][]): number[][] => named.map(([, , type]) => [types[word(type)]!]);

/**
 * Makes a WebAssembly module of its fields (https://webassembly.github.io/spec/core/text/modules.html): as much of the
 * language as our scanners are written in, which is one imported memory, data, constant globals, functions of i32 and
 * v128 with names for all they have, and folded instructions, `(i32.add (local.get $a) (i32.const 1))`. Throws a
 * SyntaxError on anything else.
 */
export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const fields = parse(text).map(list);
  const of = (kind: string): Tree[][] => fields.filter(([first]) => first === kind);
  const functions = of('func').map((field) => new Func(field));
  const global = of('global').map(([, name]) => word(name));
  const names = { global, function: functions.map(({ name }) => name) };
  const sections: [id: number, parts: number[][]][] = [
    [1, functions.map(({ type }) => type)],
    [2, of('import').map(importOf)],
    [3, functions.map((_, index) => unsigned(index))],
    [6, of('global').map(([, , type, value]) => [types[word(type)]!, 0, ...constant(value!)])],
    [7, functions.flatMap((one, i) => (one.exported ? [[...string(one.name), 0, ...unsigned(i)]] : []))],
    [10, functions.map((one) => sized(one.code(names)))],
    [11, of('data').map(([, at, content]) => [0, ...constant(at!), ...string(word(content))])],
  ];
  return Uint8Array.from([
    ...Buffer.from('\0asm\x01\0\0\0'),
    ...sections.flatMap(([id, parts]) => (parts.length === 0 ? [] : [id, ...sized(vector(parts))])),
  ]);
}

const constant = (value: Tree): number[] => new Body({ local: [], global: [], function: [] }).write([value]);

/** `(import "module" "name" (memory PAGES))`. */
function importOf([, module, name, memory]: Tree[]): number[] {
  const [, pages] = list(memory!);
  return [...string(word(module)), ...string(word(name)), 2, 0, ...unsigned(Number(pages))];
}
