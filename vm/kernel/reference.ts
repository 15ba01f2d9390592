// SPDX-License-Identifier: GPL-2.0-only
import { UsageTrouble } from '../trouble.ts';

/** A kernel of Debian's as people write it: `deb:6.12`, `deb:trixie-backports/7.3`. */
export interface DebReference {
  kind: 'deb';
  /** Debian's suite; null for the first of the usual ones that has the version. */
  suite: string | null;
  /** A version or the beginning of one: `6.12`, `6.12.107`. */
  version: string;
}

/** One that is compiled from upstream's source as Debian has it: `source:6.12`. */
export interface SourceReference extends Omit<DebReference, 'kind'> {
  kind: 'source';
}

/** Somebody's own: `image:bzImage,modules=lib/modules/6.12.0,config=.config`. Paths as they were written. */
export interface ImageReference {
  kind: 'image';
  bzImage: string;
  modules: string | null;
  config: string | null;
}

export type KernelReference = DebReference | SourceReference | ImageReference;

/** Searched in this order where a reference names no suite: the most settled one first. */
export const usualSuites = ['trixie', 'trixie-backports', 'bookworm', 'forky', 'sid'] as const;

const FORMS =
  'deb:[SUITE/]VERSION, source:[SUITE/]VERSION or image:BZIMAGE[,modules=FOLDER][,config=FILE], such as deb:6.12, deb:trixie-backports/7.3 or source:6.12';

/**
 * Reads a kernel reference.
 *
 * @throws UsageTrouble with an example for anything else
 */
export function parseKernelReference(text: string): KernelReference {
  const [, kind, suite = null, version] =
    /^(deb|source):(?:([a-z][a-z0-9-]*)\/)?(\d+\.\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (kind === 'deb' || kind === 'source') return { kind, suite, version: version! };
  if (text.startsWith('image:')) return parseImage(text);
  if (text.startsWith('git:'))
    throw new UsageTrouble({
      happened: `Kernel ${JSON.stringify(text)}: this version of multitap does not know git.`,
      expected: FORMS,
    });
  const meant = /\d+\.\d+(\.\d+)?/.exec(text)?.[0];
  throw new UsageTrouble({
    happened: `${JSON.stringify(text)} is not a kernel reference.`,
    expected: FORMS,
    ...(meant ? { next: `did you mean deb:${meant}?` } : { next: 'multitap kernel list' }),
  });
}

/**
 * Reads a reference where only a kernel of Debian's will do.
 *
 * @param why a whole sentence
 * @throws UsageTrouble
 */
export function parseDebReference(text: string, why: string): DebReference {
  const reference = parseKernelReference(text);
  if (reference.kind === 'deb') return reference;
  throw new UsageTrouble({ happened: `${text}: ${why}`, expected: 'deb:[SUITE/]VERSION, such as deb:6.12' });
}

function parseImage(text: string): ImageReference {
  const [bzImage, ...settings] = text.slice('image:'.length).split(',');
  const given = new Map(settings.map((setting) => setting.split(/=(.*)/s, 2) as [string, string]));
  const known = settings.length === given.size && [...given].every(isKnown);
  if (!bzImage || !known || text.includes('\0'))
    throw new UsageTrouble({
      happened: `${JSON.stringify(text)} is not a kernel reference.`,
      expected: 'image:BZIMAGE[,modules=FOLDER][,config=FILE]; paths without commas',
    });
  return {
    ...{ kind: 'image', bzImage },
    modules: given.get('modules') ?? null,
    config: given.get('config') ?? null,
  };
}

function isKnown([name, value]: [string, string?]): boolean {
  return (name === 'modules' || name === 'config') && Boolean(value);
}
