// SPDX-License-Identifier: GPL-2.0-only
/** Values as WebAssembly's binary format has them (https://webassembly.github.io/spec/core/binary/values.html). */
import { Buffer } from 'node:buffer';

/** LEB128. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128 of 32 bits. */
export function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

export function vector(parts: readonly number[][]): number[] {
  return [...unsigned(parts.length), ...parts.flat()];
}

/** Behind their number. */
export function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

/** `"text"`, where `\0a` is a byte. */
export function string(quoted: string): number[] {
  const text = quoted
    .slice(1, -1)
    .replace(/\\([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return sized([...Buffer.from(text, 'latin1')]);
}
