// SPDX-License-Identifier: GPL-2.0-only

/** The parts of a page that could run or restyle it, or hide text: none where everything from outside is escaped. */
export function unsafeParts(html: string): string[] {
  const own = /^<script src="\/assets\/[a-z]+\.[0-9a-f]{12}\.js" defer>$/;
  return [
    ...found(html, /<script[^>]*>/gi).filter((tag) => !own.test(tag)),
    ...found(html, /<style/gi),
    ...found(html, /<[^>]*\s(?:on[a-z]+|style)\s*=/gi),
    ...found(html, /(?:href|src|action)="(?!\/|#|https:\/\/)[^"]*/gi),
    // Newline and tab are the only control characters that a page needs.
    ...found(html, /[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]/g),
  ];
}

function found(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map((match) => match[0]);
}
