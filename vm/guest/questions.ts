// SPDX-License-Identifier: GPL-2.0-only

/** No answer within the time that was given. */
export class NoAnswer extends Error {}

interface Question {
  type: string;
  pieces: Buffer[];
  bytes: number;
  answer(payload: Buffer): void;
  fail(error: Error): void;
}

/** What is asked of the agent, beside running programs: each has one answer, or none in time. */
export class Questions {
  #open = new Map<number, Question>();

  get size(): number {
    return this.#open.size;
  }

  has(id: number): boolean {
    return this.#open.has(id);
  }

  /** @throws NoAnswer after `timeoutMs`; Error where the agent refuses */
  wait(type: string, id: number, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const late = new NoAnswer(`no answer within ${Math.round(timeoutMs / 1000)} s`);
      const timer = setTimeout(() => this.#end(id)?.fail(late), timeoutMs);
      this.#open.set(id, {
        type,
        pieces: [],
        bytes: 0,
        answer: (payload) => {
          clearTimeout(timer);
          resolve(payload);
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  /**
   * A frame of an answer. That of the surroundings comes in pieces, of which an empty one is the last.
   *
   * @throws Error where it is longer than `maxBytes`
   */
  arrived(type: string, id: number, payload: Buffer, maxBytes: number): void {
    const question = this.#open.get(id);
    if (!question) return;
    if (type === 'F') {
      this.#end(id)?.fail(new Error(`the guest refused: ${payload.toString('utf8')}`));
      return;
    }
    if (type !== question.type) return;
    question.bytes += payload.length;
    if (question.bytes > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    // A copy: a frame keeps all that came in the same chunk alive.
    question.pieces.push(Buffer.from(payload));
    if (type !== 'N' || payload.length === 0) this.#end(id)?.answer(Buffer.concat(question.pieces));
  }

  #end(id: number): Question | undefined {
    const question = this.#open.get(id);
    this.#open.delete(id);
    return question;
  }

  /** None of them will be answered. */
  close(error: Error): void {
    for (const id of [...this.#open.keys()]) this.#end(id)?.fail(error);
  }
}
