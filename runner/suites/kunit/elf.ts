// SPDX-License-Identifier: GPL-2.0-only

/** A section of an ELF file: elf(5), Elf64_Shdr. */
interface Section {
  name: string;
  type: number;
  flags: bigint;
  address: bigint;
  offset: number;
  size: number;
  /** Index of the section that belongs to it: a symbol table's strings. */
  link: number;
  /** Index of the section that it is about: what is relocated. */
  info: number;
}

interface ElfSymbol {
  name: string;
  /** Index of its section. */
  section: number;
  /** In an object: its place in the section; in an image: its address. */
  value: bigint;
}

const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n;
/** More than any kernel or module has. */
const ENTRIES_MAX = 4_000_000;

/** As much as is needed of a 64-bit little-endian ELF file: where a place in it is, and what points there. */
export class Elf {
  readonly #bytes: Buffer;
  readonly sections: Section[] = [];

  /** @throws RangeError or Error for what is no such file */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1)
      throw new Error('no 64-bit little-endian ELF file');
    const at = Number(bytes.readBigUInt64LE(40));
    const size = bytes.readUInt16LE(58);
    const names: number[] = [];
    for (let i = 0; i < bytes.readUInt16LE(60); i++) {
      const header = bytes.subarray(at + i * size, at + i * size + 64);
      names.push(header.readUInt32LE(0));
      this.sections.push({
        name: '',
        type: header.readUInt32LE(4),
        flags: header.readBigUInt64LE(8),
        address: header.readBigUInt64LE(16),
        offset: Number(header.readBigUInt64LE(24)),
        size: Number(header.readBigUInt64LE(32)),
        link: header.readUInt32LE(40),
        info: header.readUInt32LE(44),
      });
    }
    const strings = this.sections[bytes.readUInt16LE(62)];
    for (const [i, section] of this.sections.entries()) section.name = this.text(strings, names[i]!);
  }

  /** The zero-terminated text at a place in a section; empty outside of it. */
  text(section: Section | undefined, at: number, max = 4096): string {
    if (!section || section.type === SHT_NOBITS || at < 0 || at >= section.size) return '';
    const from = section.offset + at;
    const bytes = this.#bytes.subarray(from, from + Math.min(max, section.size - at));
    const end = bytes.indexOf(0);
    return bytes.subarray(0, end < 0 ? undefined : end).toString('utf8');
  }

  /** In the file's order, so that relocations find theirs by number. */
  symbols(): ElfSymbol[] {
    const table = this.sections.find(({ type }) => type === SHT_SYMTAB);
    if (!table) return [];
    const strings = this.sections[table.link];
    return this.#entries(table, 24).map((entry) => ({
      name: this.text(strings, entry.readUInt32LE(0)),
      section: entry.readUInt16LE(6),
      value: entry.readBigUInt64LE(8),
    }));
  }

  /** What the relocations of an object's section point at, in the order of the places that they fill. */
  pointersOf(name: string): { section: Section | undefined; at: number }[] {
    const about = this.sections.findIndex((section) => section.name === name);
    const table = this.sections.find(({ type, info }) => type === SHT_RELA && info === about);
    if (about < 0 || !table) return [];
    const symbols = this.symbols();
    return this.#entries(table, 24)
      .map((entry) => ({
        offset: entry.readBigUInt64LE(0),
        symbol: symbols[entry.readUInt32LE(12)],
        addend: entry.readBigInt64LE(16),
      }))
      .sort((a, b) => (a.offset < b.offset ? -1 : 1))
      .flatMap(({ symbol, addend }) =>
        symbol ? [{ section: this.sections[symbol.section], at: Number(symbol.value + addend) }] : [],
      );
  }

  /** Where an address of an image is in the file. */
  place(address: bigint): { section: Section; at: number } | null {
    const section = this.sections.find(
      ({ flags, address: from, size }) =>
        flags & SHF_ALLOC && from !== 0n && address >= from && address < from + BigInt(size),
    );
    return section ? { section, at: Number(address - section.address) } : null;
  }

  /** The 64-bit words of an image from one address up to another. */
  words(from: bigint, to: bigint): bigint[] {
    const place = this.place(from);
    if (!place || to < from) return [];
    const { section, at } = place;
    const size = Math.min(Number(to - from), section.size - at);
    return this.#entries({ ...section, offset: section.offset + at, size }, 8).map((word) =>
      word.readBigUInt64LE(0),
    );
  }

  #entries({ type, offset, size }: Section, each: number): Buffer[] {
    const count = Math.floor(Math.min(size, this.#bytes.length - offset) / each);
    if (type === SHT_NOBITS || count > ENTRIES_MAX) return [];
    return Array.from({ length: Math.max(0, count) }, (_, i) =>
      this.#bytes.subarray(offset + i * each, offset + (i + 1) * each),
    );
  }
}
