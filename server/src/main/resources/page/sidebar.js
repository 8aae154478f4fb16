import { avatar, h } from './dom.js';
import { texts } from './texts.js';

/** The chats of a person, and the two ways to a new one. */
export class Sidebar {
  #list = h('ul', { class: 'chats' });
  #empty = h('p', { class: 'note' }, texts.noChats);
  #dot = h('span', { class: 'dot' });
  #events;
  /** @type {Map<string, any>} */
  #rows = new Map();

  /**
   * @param {string} username
   * @param {{join: (roomId: number) => void, write: (name: string) => void, open: (key: string) => void,
   *   signOut: () => void}} events
   */
  constructor(username, events) {
    this.#events = events;
    this.element = h(
      'nav',
      { class: 'sidebar', 'aria-label': texts.chats },
      h('div', { class: 'me' },
        h('span', { class: 'portrait' }, avatar(username), this.#dot),
        h('bdi', { class: 'name' }, username),
        h('button', { class: 'quiet', type: 'button', onclick: events.signOut }, texts.signOut)),
      newChat('room', texts.room, texts.join, { inputmode: 'numeric', maxlength: '16' }, (text) => this.#join(text)),
      newChat('person', texts.person, texts.write, { autocapitalize: 'none', spellcheck: 'false', maxlength: '128', dir: 'auto' },
        (text) => this.#write(text)),
      this.#empty,
      this.#list,
    );
  }

  /**
   * @param {import('./conversation.js').Conversation[]} chats newest first
   * @param {string} openKey
   */
  draw(chats, openKey) {
    this.#empty.hidden = chats.length > 0;
    const rows = chats.map((chat) => this.#row(chat, chat.key === openKey));
    const differs = rows.length !== this.#list.children.length || rows.some((row, i) => row !== this.#list.children[i]);
    if (differs) {
      const focused = /** @type {any} */ (document.activeElement);
      this.#list.replaceChildren(...rows);
      if (this.#list.contains(focused)) {
        focused.focus();
      }
    }
  }

  /** @param {string} phase */
  drawState(phase) {
    this.#dot.className = `dot ${phase.toLowerCase()}`;
  }

  /** @param {import('./conversation.js').Conversation} chat @param {boolean} isOpen */
  #row(chat, isOpen) {
    const title = chat.roomId > 0 ? texts.roomTitle(chat.roomId) : chat.person;
    const last = [...chat.items, ...chat.pending].at(-1);
    const preview = last?.kind === 'message' ? (chat.roomId > 0 ? `${last.fromUserName}: ${last.text}` : last.text) : '';
    const looks = JSON.stringify([preview.slice(0, 120), chat.unread, isOpen]);
    let row = this.#rows.get(chat.key);
    if (row === undefined) {
      row = h('li');
      this.#rows.set(chat.key, row);
    }
    if (row.looks !== looks) {
      const hadFocus = row.contains(document.activeElement);
      row.looks = looks;
      row.replaceChildren(this.#button(chat, title, preview.slice(0, 120), isOpen));
      if (hadFocus) {
        row.firstChild.focus();
      }
    }
    return row;
  }

  /**
   * @param {import('./conversation.js').Conversation} chat
   * @param {string} title
   * @param {string} preview
   * @param {boolean} isOpen
   */
  #button(chat, title, preview, isOpen) {
    return h(
      'button',
      { class: 'chat', type: 'button', 'aria-current': isOpen && 'true', onclick: () => this.#events.open(chat.key) },
      chat.roomId > 0 ? h('span', { class: 'avatar room', 'aria-hidden': 'true' }, '#') : avatar(chat.person),
      h('span', { class: 'about' },
        h('bdi', { class: 'title' }, title),
        h('span', { class: 'preview', dir: 'auto' }, preview)),
      chat.unread > 0 &&
        h('span', { class: 'badge' },
          h('span', { 'aria-hidden': 'true' }, chat.unread > 999 ? '999+' : String(chat.unread)),
          h('span', { class: 'unseen' }, texts.unread(chat.unread))),
    );
  }

  /** @param {string} text @returns {string} what is wrong with it */
  #join(text) {
    const roomId = Number(text);
    if (!Number.isSafeInteger(roomId) || roomId < 1) {
      return texts.needRoom;
    }
    this.#events.join(roomId);
    return '';
  }

  /** @param {string} text @returns {string} what is wrong with it */
  #write(text) {
    if (text === '') {
      return texts.needPerson;
    }
    this.#events.write(text);
    return '';
  }
}

/**
 * A field and its button.
 *
 * @param {string} id
 * @param {string} label
 * @param {string} button
 * @param {object} attributes of the field
 * @param {(text: string) => string} go says what is wrong
 */
function newChat(id, label, button, attributes, go) {
  const error = h('p', { class: 'error', role: 'alert', id: `${id}-error` });
  const field = h('input', { id, name: id, autocomplete: 'off', 'aria-describedby': `${id}-error`, ...attributes });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    error.textContent = go(field.value.trim());
    if (error.textContent === '') {
      field.value = '';
    } else {
      field.focus();
    }
  };
  return h(
    'form',
    { class: 'new-chat', novalidate: true, onsubmit: submit },
    h('label', { for: id }, label),
    h('div', { class: 'field' }, field, h('button', { class: 'secondary', type: 'submit' }, button)),
    error,
  );
}
