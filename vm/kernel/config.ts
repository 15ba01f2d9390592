// SPDX-License-Identifier: GPL-2.0-only

/** Options by their names with `CONFIG_`; the value as it is written behind `=`, `n` for one that is not set. */
export type Config = Map<string, string>;

/**
 * Reads a configuration or a fragment of one: `CONFIG_X=y`, `# CONFIG_X is not set`. Of an option that is there twice
 * the last one counts, as with scripts/kconfig/merge_config.sh; whatever else is there is a comment.
 */
export function parseConfig(text: string): Config {
  const config: Config = new Map();
  for (const line of text.split(/\r?\n/)) {
    const [, unset, name = unset, value = 'n'] =
      /^(?:# (CONFIG_\w+) is not set|(CONFIG_\w+)=(.*?))\s*$/.exec(line) ?? [];
    if (name === undefined) continue;
    config.delete(name);
    config.set(name, value);
  }
  return config;
}

/** One fragment of several: where two name the same option, the later one decides. */
export function mergeFragments(fragments: readonly string[]): string {
  const lines = [...parseConfig(fragments.join('\n'))].map(([name, value]) =>
    value === 'n' ? `# ${name} is not set` : `${name}=${value}`,
  );
  return `${lines.join('\n')}\n`;
}

/**
 * What was asked for and is not so in the configuration that Kconfig made of it, because the tree does not know the
 * option or what it depends on is off, in the words of a fragment: `CONFIG_X=m` where `CONFIG_X=y` was asked for.
 */
export function notSticking(asked: string, got: string): string[] {
  const config = parseConfig(got);
  return [...parseConfig(asked)].flatMap(([name, value]) => {
    const there = config.get(name) ?? 'n';
    return there === value ? [] : [`${name}=${there} instead of ${value}`];
  });
}
