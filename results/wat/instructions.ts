// SPDX-License-Identifier: GPL-2.0-only

/** What stands behind the opcode of an instruction, and, in the text, before its operands. */
export type Immediate = 'none' | 'local' | 'global' | 'function' | 'label' | 'integer' | 'address';

/** The prefix of the vector instructions. */
const vector = 0xfd;

const table: Record<Immediate, Record<string, number | [prefix: number, opcode: number]>> = {
  none: {
    ...{ return: 0x0f, select: 0x1b, 'i32.eqz': 0x45, 'i32.eq': 0x46, 'i32.ne': 0x47, 'i32.lt_s': 0x48 },
    ...{ 'i32.lt_u': 0x49, 'i32.gt_s': 0x4a, 'i32.gt_u': 0x4b, 'i32.le_u': 0x4d, 'i32.ge_u': 0x4f },
    ...{
      'i32.ctz': 0x68,
      'i32.add': 0x6a,
      'i32.sub': 0x6b,
      'i32.mul': 0x6c,
      'i32.and': 0x71,
      'i32.or': 0x72,
    },
    ...{ 'i32.xor': 0x73, 'i32.shl': 0x74, 'i8x16.splat': [vector, 0x0f], 'i8x16.eq': [vector, 0x23] },
    ...{ 'i8x16.lt_s': [vector, 0x25], 'v128.and': [vector, 0x4e], 'v128.or': [vector, 0x50] },
    ...{ 'i8x16.bitmask': [vector, 0x64] },
  },
  local: { 'local.get': 0x20, 'local.set': 0x21, 'local.tee': 0x22 },
  global: { 'global.get': 0x23 },
  function: { call: 0x10 },
  label: { br: 0x0c, br_if: 0x0d },
  integer: { 'i32.const': 0x41 },
  address: {
    ...{ 'i32.load': 0x28, 'i32.load8_u': 0x2d, 'i32.load16_u': 0x2f, 'i32.store': 0x36 },
    ...{ 'v128.load': [vector, 0x00] },
  },
};

/** The instructions that are known (https://webassembly.github.io/spec/core/binary/instructions.html). */
export const instructions: ReadonlyMap<string, { bytes: number[]; immediate: Immediate }> = new Map(
  Object.entries(table).flatMap(([immediate, named]) =>
    Object.entries(named).map(([name, opcode]) => [
      name,
      { bytes: [opcode].flat(), immediate: immediate as Immediate },
    ]),
  ),
);
