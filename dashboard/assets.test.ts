// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { outcomes } from '../results/words.ts';

const colours = readFileSync(new URL('assets/style/01-colours.css', import.meta.url), 'utf8');
const [light, dark] = colours.split('@media').map(palette) as [Map<string, string>, Map<string, string>];

function palette(css: string): Map<string, string> {
  return new Map([...css.matchAll(/--([a-z]+): (#[0-9a-f]{6});/g)].map((match) => [match[1]!, match[2]!]));
}

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** `share` of the one colour over the other, as color-mix does. */
function mix(a: string, b: string, share: number): string {
  const channel = (at: number) => {
    const [x, y] = [a, b].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number];
    return Math.round(x * share + y * (1 - share))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

describe.each([
  ['light', light],
  ['dark', dark],
])('contrast is AA: %s', (_name, scheme) => {
  const of = (name: string) => scheme.get(name)!;
  test.each(['text', 'dim', 'link', 'running', ...outcomes])('%s', (name) => {
    for (const ground of ['bg', 'raised', 'mark']) {
      expect(contrast(of(name), of(ground)), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(outcomes)('cell of the heat strip: %s', (name) => {
    const quiet = ['pass', 'skip', 'xfail'].includes(name);
    const ratio = quiet ? contrast(of(name), mix(of(name), of('bg'), 0.14)) : contrast(of('bg'), of(name));
    expect(ratio).toBeGreaterThanOrEqual(4.5);
  });
});
