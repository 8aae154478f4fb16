/** Elements without markup in texts: what people write is never parsed. */

const SVG = 'http://www.w3.org/2000/svg';

/** The shapes of buttons, as paths in a square of 24. @type {Record<string, string>} */
const SHAPES = {
  back: 'M15 5l-7 7 7 7',
  people: 'M8.5 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.4c2.4.8 4 2.9 4 5.6',
  leave: 'M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M10 8l-4 4 4 4M6 12h9',
  send: 'M4 12l16-8-6 16-3-6.5z M20 4l-9 9.5',
  down: 'M12 5v14M6 13l6 6 6-6',
  close: 'M6 6l12 12M18 6L6 18',
};

/**
 * Makes an element.
 *
 * @param {string} name
 * @param {Record<string, any>} [attributes] `class`, `aria-…`, handlers (`onclick`), booleans, and `data` for a dataset
 * @param {...(Node | string | null | false)} children
 * @returns {any}
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else if (key === 'data') {
      Object.assign(element.dataset, value);
    } else if (value === true) {
      element.setAttribute(key, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/** A shape for the eye only. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPES[name]);
  svg.append(path);
  return svg;
}

/** A round picture of a name: its first letter, in a colour that is always the same. @param {string} name */
export function avatar(name, shape = '') {
  let hash = 0;
  for (const char of name) {
    hash = (hash * 31 + /** @type {number} */ (char.codePointAt(0))) % 9973;
  }
  const [first = '?'] = name;
  return h('span', { class: `avatar hue-${hash % 8} ${shape}`, 'aria-hidden': 'true' }, first.toUpperCase());
}

/** Puts something into an element only when it is not there already. @param {any} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Where the web is written of within a text; what stands behind an address is not part of it. */
const LINK = /\bhttps?:\/\/[^\s<>"'`，。；：！？、（）《》「」]+/gi;

/** A text, with its addresses as links. @param {string} text */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = trimmed(match[0]);
    if (URL.canParse(address)) {
      parts.push(text.slice(end, match.index));
      parts.push(h('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, address));
      end = match.index + address.length;
    }
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

/** @param {string} address */
function trimmed(address) {
  let text = address.replace(/[.,;:!?*_~]+$/, '');
  while (text.endsWith(')') && !text.includes('(')) {
    text = text.slice(0, -1);
  }
  return text;
}
