// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { helpers } from '../show/helpers.ts';

/** Fills the template of that name: a page's folder, or `error`. */
export type Render = (name: string, view: object) => string;

interface Surroundings {
  asset(name: string): string;
  version: string;
  now(): number;
}

/**
 * Compiles every template once. Handlebars escapes all output; a test makes sure that no template asks for the
 * contrary. Strict: a name that the view lacks is an error, not a silent gap in the page.
 */
export function loadTemplates({ asset, version, now }: Surroundings): Render {
  const handlebars = Handlebars.create();
  handlebars.registerHelper({ ...helpers, asset });
  const templates = new Map<string, HandlebarsTemplateDelegate>();
  for (const { name, url, partial } of templateFiles()) {
    // Handlebars compiles at first use: parsing here tells a broken template at start.
    // Without its last newline, which would become a space wherever a partial stands inside a line.
    const tree = Handlebars.parse(readFileSync(url, 'utf8').trimEnd());
    const compiled = handlebars.compile(tree, { strict: true });
    if (partial) handlebars.registerPartial(name, compiled);
    else templates.set(name, compiled);
  }
  return (name, view) => {
    const template = templates.get(name);
    if (!template) throw new Error(`no template ${name}; there are ${[...templates.keys()].join(', ')}`);
    return template({ ...view, version, now: now() });
  };
}

/** Every template of the dashboard: partials by file name, pages by folder name. */
export function templateFiles(): { name: string; url: URL; partial: boolean }[] {
  const pages = new URL('../pages/', import.meta.url);
  const files = [{ name: 'error', url: new URL('error.hbs', import.meta.url), partial: false }];
  for (const entry of readdirSync(pages, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    files.push({ name: entry.name, url: new URL(`${entry.name}/template.hbs`, pages), partial: false });
    files.push(...partialsIn(new URL(`${entry.name}/`, pages), `${entry.name}-`));
  }
  return [...files, ...partialsIn(new URL('partials/', import.meta.url), '')];
}

function partialsIn(folder: URL, prefix: string): { name: string; url: URL; partial: boolean }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hbs') && file !== 'template.hbs')
    .map((file) => ({
      name: prefix + file.slice(0, -'.hbs'.length),
      url: new URL(file, folder),
      partial: true,
    }));
}
