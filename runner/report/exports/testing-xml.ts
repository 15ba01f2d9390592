// SPDX-License-Identifier: GPL-2.0-only

export interface Element {
  name: string;
  attributes: Map<string, string>;
  children: Element[];
  text: string;
}

/** What XML 1.0 calls Char. */
const characters = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', '#9': '\t', '#10': '\n' };

/** Reads the part of XML that our JUnit files may use, and throws for anything that is not well-formed in it. */
export function parseXml(document: string): Element {
  if (!characters.test(document)) throw new Error('a character that XML cannot hold');
  const tokens =
    document.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, '').match(/<[^>]*>|[^<]+/g) ?? [];
  const root: Element = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [root];
  for (const token of tokens) {
    const top = open.at(-1)!;
    if (!token.startsWith('<')) top.text += unescaped(token);
    else if (token.startsWith('</')) {
      if (token !== `</${top.name}>` || open.length === 1) throw new Error(`${token} ends ${top.name}`);
      open.pop();
    } else {
      const element = startTag(token);
      top.children.push(element);
      if (!token.endsWith('/>')) open.push(element);
    }
  }
  if (open.length > 1) throw new Error(`${open.at(-1)!.name} is never ended`);
  if (root.children.length !== 1 || root.text.trim() !== '') throw new Error('not one root element');
  return root.children[0]!;
}

function startTag(token: string): Element {
  const match = /^<([a-zA-Z-]+)((?: [a-z]+="[^"<]*")*)\/?>$/.exec(token);
  if (!match) throw new Error(`no tag: ${token}`);
  const pairs = [...match[2]!.matchAll(/ ([a-z]+)="([^"]*)"/g)];
  const attributes = new Map(pairs.map(([, name, value]) => [name!, unescaped(value!)]));
  if (attributes.size !== pairs.length) throw new Error(`an attribute twice: ${token}`);
  return { name: match[1]!, attributes, children: [], text: '' };
}

function unescaped(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name) => {
    if (entities[name] === undefined || !whole.endsWith(';')) throw new Error(`no entity: ${whole}`);
    return entities[name];
  });
}
