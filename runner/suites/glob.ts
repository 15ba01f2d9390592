// SPDX-License-Identifier: GPL-2.0-only

/** Whether a glob of `*` and `?` fits the whole name. Not a regular expression: `*a*a*a*b` would take for ever. */
export function fits(glob: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let behindStar = 0;
  for (let i = 0; i < name.length; ) {
    if (glob[at] === '*') {
      star = at++;
      behindStar = i;
    } else if (glob[at] === '?' || glob[at] === name[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++behindStar;
    } else return false;
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
