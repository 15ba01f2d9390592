// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { assemble } from './assemble.ts';

declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (
    module: object,
    imports: object,
  ) => { exports: Record<string, (...args: number[]) => number> };
};

/** What a module of these fields exports, and its memory. */
function run(...fields: string[]) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const text = `(import "memory" "memory" (memory 1)) ${fields.join('\n')}`;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(text)), {
    memory: { memory },
  });
  return { exports, bytes: new Uint8Array(memory.buffer) };
}

const constant = (value: string): number =>
  run(`(func (export "f") (result i32) (i32.const ${value}))`).exports.f!();

test.each([...[0, 1, 63, 64, 127, 128, 8191, 8192, 0x7fffffff, -1, -64, -65, -128, -129, -0x80000000]])(
  'the integer %i',
  (value) => {
    expect(constant(String(value))).toBe(value);
  },
);

test('integers in hexadecimal, those beyond 31 bits as negative ones', () => {
  expect(constant('0x20746f6e')).toBe(0x20746f6e);
  expect(constant('0xffffffff')).toBe(-1);
});

test('comments, and functions that call one that stands behind them', () => {
  const { exports } = run(
    `;; (func "unknown"
     (func (export "twice") (param $a i32) (result i32) ;; )
       (return (call $add (local.get $a) (local.get $a))))`,
    '(func $add (param $a i32) (param $b i32) (result i32) (i32.add (local.get $a) (local.get $b)))',
    '(func (export "none"))',
  );
  expect(exports.twice!(21)).toBe(42);
  expect(Object.keys(exports)).toEqual(['twice', 'none']);
});

test('blocks and loops that are left by their names, and the innermost of a name', () => {
  const { exports } = run(`
    (func (export "sum") (param $to i32) (result i32)
      (local $i i32)
      (local $sum i32)
      (block $done
        (loop $next
          (br_if $done (i32.eq (local.get $i) (local.get $to)))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (if (i32.and (local.get $i) (i32.const 1))
            (then (local.set $sum (i32.add (local.get $sum) (local.get $i))))
            (else (block $next (br $next))))
          (br $next)))
      (local.get $sum))`);
  expect(exports.sum!(10)).toBe(25);
});

test('data, and addresses with an offset', () => {
  const { exports, bytes } = run(
    '(data (i32.const 200) "a\\ff\\0az")',
    '(func (export "get") (param $at i32) (result i32) (i32.load8_u offset=200 (local.get $at)))',
    '(func (export "set") (param $at i32) (i32.store (local.get $at) (i32.const 0x01020304)))',
  );
  expect([0, 1, 2, 3].map((at) => exports.get!(at))).toEqual([0x61, 0xff, 0x0a, 0x7a]);
  exports.set!(8);
  expect([...bytes.subarray(8, 12)]).toEqual([4, 3, 2, 1]);
});

test('globals', () => {
  const { exports } = run(
    '(global $SEVEN i32 (i32.const 7)) (global $EIGHT i32 (i32.const -8))',
    '(func (export "f") (result i32) (i32.sub (global.get $SEVEN) (global.get $EIGHT)))',
  );
  expect(exports.f!()).toBe(15);
});

test('vectors', () => {
  const { exports, bytes } = run(`
    (func (export "find") (param $byte i32) (result i32)
      (local $bytes v128)
      (local.set $bytes (v128.load (i32.const 0)))
      (i8x16.bitmask (i8x16.eq (local.get $bytes) (i8x16.splat (local.get $byte)))))`);
  bytes.set([7, 1, 7]);
  bytes[15] = 7;
  expect(exports.find!(7)).toBe(0b1000000000000101);
});

describe('what is not known is refused', () => {
  test.each([
    ['(f64.add)', 'no instruction that is known here: f64.add'],
    ['(local.get $x)', 'no local of this name: $x'],
    ['(global.get $x)', 'no global of this name: $x'],
    ['(br $x)', 'no label of this name: $x'],
    ['(call $x)', 'no function of this name: $x'],
    ['(i32.eqz', 'a parenthesis is not closed'],
    ['local.get', '(…) expected: local.get'],
    ['(local.get)', 'a word expected'],
  ])('%s', (instruction, message) => {
    expect(() => assemble(`(func $f ${instruction})`)).toThrow(message);
  });
});
