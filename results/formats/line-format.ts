// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent, ResultFormat } from './format.ts';
import { type Glancer, LineSplitter } from './lines.ts';
import { stripTerminal } from './strip.ts';

/** What turns the lines of one input into events, one after the other. Never throws on input. */
export interface LineReader {
  /** `text`: the line without its end and without what terminals add; `cut`: it is the prefix of a longer line. */
  read(text: string, line: number, cut: boolean): void;
  /** Who sees most lines before `read` does. */
  readonly glancer?: Glancer;
  /** The input is over; `lines`: how many there were. */
  end(lines: number): void;
}

/** A dialect that is read line by line. */
export interface LineFormat extends ResultFormat {
  reader(onEvent: OnEvent): LineReader;
  /** Whether a line, behind its stamps, can hardly be anything but this dialect. */
  sign(content: string): boolean;
}

export function lineFormat(parts: Omit<LineFormat, 'parser'>): LineFormat {
  return {
    ...parts,
    parser(onEvent) {
      const reader = parts.reader(onEvent);
      const splitter = new LineSplitter(
        (text, line, cut, plain) => reader.read(plain ? text : stripTerminal(text), line, cut),
        reader.glancer,
      );
      return {
        push: (chunk) => splitter.push(chunk),
        end() {
          splitter.end();
          reader.end(splitter.lines);
        },
      };
    },
  };
}
