// SPDX-License-Identifier: GPL-2.0-only
import type {
  Diagnostic,
  OnEvent,
  ParsedDocument,
  ParsedTest,
  ParseEvent,
  ResultFormat,
  Summary,
  TestResult,
} from './format.ts';

/** Results that are kept of one input; the largest real ones stay below a tenth. */
export const maxResults = 200_000;
/** Characters of results and diagnostics that are kept of one input. */
export const maxCharacters = 64 * 1024 * 1024;

/** A result that is kept, or so many in a row that are not. */
type Held = ParsedTest | number;

/** Makes a document of events, within the bounds that keep a hostile guest from filling the memory. */
export class Collector {
  /** The results that nothing has taken in yet. */
  #held: Held[] = [];
  #problems: Diagnostic[] = [];
  #summary: Summary | null = null;
  #results = 0;
  #characters = 0;
  #dropped = 0;

  readonly on: OnEvent = (event: ParseEvent): void => {
    if (event.type === 'result') this.#result(event.result, event.nested);
    else if (event.type === 'problem') this.#problems.push({ line: event.line, text: event.text });
    else this.#summary = event.summary;
  };

  /** The document; after the `end` of the parser. */
  document(): ParsedDocument {
    const summary = this.#summary!;
    const problems = this.#problems;
    if (this.#dropped > 0) {
      problems.push({ line: summary.lines, text: `too large: ${this.#dropped} results not kept` });
    }
    return {
      ...summary,
      complete: summary.complete && this.#dropped === 0,
      tests: this.#held.filter((held) => typeof held !== 'number'),
      problems,
    };
  }

  #result(result: TestResult, nested: number): void {
    const subtests = nested === 0 ? [] : this.#take(nested);
    this.#results++;
    this.#characters += result.name.length + result.reason.length;
    for (const { text } of result.diagnostics) this.#characters += text.length;
    if (this.#results <= maxResults && this.#characters <= maxCharacters) {
      this.#held.push({ ...result, subtests });
      return;
    }
    this.#dropped++;
    const last = this.#held.at(-1);
    if (typeof last === 'number') this.#held[this.#held.length - 1] = last + 1;
    else this.#held.push(1);
  }

  /** The last `count` results, those that were not kept left out. */
  #take(count: number): ParsedTest[] {
    let start = this.#held.length;
    let left = count;
    while (left > 0 && start > 0) {
      const held = this.#held[start - 1]!;
      if (typeof held === 'number' && held > left) {
        this.#held[start - 1] = held - left;
        break;
      }
      left -= typeof held === 'number' ? held : 1;
      start--;
    }
    return this.#held.splice(start).filter((held) => typeof held !== 'number');
  }
}

/** A parser that gives the document at its end; `onEvent` sees the events as they come. */
export function collect(
  format: ResultFormat,
  onEvent?: OnEvent,
): { push(chunk: Uint8Array): void; end(): ParsedDocument } {
  const collector = new Collector();
  const parser = format.parser((event) => {
    onEvent?.(event);
    collector.on(event);
  });
  return {
    push: (chunk) => parser.push(chunk),
    end() {
      parser.end();
      return collector.document();
    },
  };
}
