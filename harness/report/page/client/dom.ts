/** Makes elements. Text only ever becomes text: nothing here parses HTML. */

export type Child = Node | string | null | false | readonly Child[];

export interface Attributes {
  class?: string;
  [name: string]: string | number | boolean | null | undefined | ((event: never) => void);
}

/** An element; attributes that are functions listen to the event of their name. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  decorate(element, attributes);
  append(element, children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag) as SVGElementTagNameMap[K];
  decorate(element, attributes);
  append(element, children);
  return element;
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === false) continue;
    if (typeof child === 'string') parent.appendChild(document.createTextNode(child));
    else if (child instanceof Node) parent.appendChild(child);
    else append(parent, child);
  }
}

function decorate(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A text that others wrote, whose direction must not turn the words around it. */
export function foreign(text: string): HTMLElement {
  return h('bdi', {}, text);
}

/** A sentence in which places, `(file:line)`, are set apart. */
export function sentence(text: string): HTMLElement {
  const parts = text.split(/(\((?:begins at )?[^()\s]+:\d+\))/);
  return h(
    'bdi',
    {},
    ...parts.map((part, i) => (i % 2 === 0 ? part : h('span', { class: 'place' }, part))),
  );
}

/** In a narrow window a row becomes a card, whose lines have the heads as labels; the roles keep it a table. */
export function table(
  caption: string,
  head: readonly Child[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  return h(
    'div',
    { class: 'table', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      { role: 'table' },
      h('caption', { class: 'unseen' }, caption),
      h(
        'thead',
        { role: 'rowgroup' },
        h(
          'tr',
          { role: 'row' },
          ...head.map((cell) => h('th', { scope: 'col', role: 'columnheader' }, cell)),
        ),
      ),
      h(
        'tbody',
        { role: 'rowgroup' },
        ...rows.map((row) =>
          h(
            'tr',
            { role: 'row' },
            ...row.map((cell, i) => {
              const label = head[i];
              const text = typeof label === 'string' ? label : null;
              return h('td', { role: 'cell', 'data-label': text }, cell);
            }),
          ),
        ),
      ),
    ),
  );
}

/** A button that copies `text`, and says so. */
export function copyButton(text: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    const copied = await copy(text);
    button.textContent = copied ? 'Copied' : 'Press Ctrl-C';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });
  return button;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // From a file there may be no clipboard: the old way, and else the text is selected for the reader.
    const area = h('textarea', { class: 'unseen' });
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
