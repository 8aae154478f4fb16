import { avatar, h, icon, setText } from './dom.js';
import { texts } from './texts.js';
import { Timeline } from './timeline.js';

/** How many names are shown of those who are here. */
const MOST_NAMES = 200;

/** The open chat: its head, its lines, the field to write in, and who is here. */
export class ChatView {
  #events;
  #title = h('h2', { id: 'title', tabindex: '-1' });
  #subtitle = h('p', { class: 'subtitle' });
  #peopleButton;
  #leaveButton;
  #banner = h('div', { class: 'banner', role: 'status', hidden: true });
  #field;
  #composer;
  #latest;
  #peopleList = h('ul', { class: 'members' });
  #peopleTitle = h('h2');
  #placeholder = h('p', { class: 'placeholder' }, texts.pick);
  /** @type {import('./conversation.js').Conversation | null} */
  #chat = null;
  #me;
  #peopleShown = 0;

  /**
   * @param {number} me
   * @param {{send: (text: string) => void, back: () => void, leave: () => void, older: () => void, write: (name: string) => void,
   *   retry: (item: any) => void, discard: (item: any) => void, seen: (isAtEnd: boolean) => void}} events
   */
  constructor(me, events) {
    this.#me = me;
    this.#events = events;
    this.timeline = new Timeline(me, events);
    this.#peopleButton = h(
      'button',
      { class: 'icon-button people-button', type: 'button', 'aria-label': texts.people, title: texts.people,
        'aria-expanded': 'false', 'aria-controls': 'people', onclick: () => this.#showPeople(this.people.hidden) },
      icon('people'),
    );
    this.#leaveButton = h('button', { class: 'icon-button', type: 'button', onclick: events.leave });
    this.#field = h('textarea', {
      id: 'message', name: 'message', rows: '1', autocomplete: 'off', enterkeyhint: 'send', dir: 'auto',
      oninput: () => this.#grow(), onkeydown: (/** @type {KeyboardEvent} */ e) => this.#key(e),
    });
    this.#composer = h(
      'form',
      { class: 'composer', onsubmit: (/** @type {Event} */ e) => (e.preventDefault(), this.#send()) },
      h('label', { for: 'message', class: 'unseen' }, texts.message),
      this.#field,
      h('button', { class: 'primary send', type: 'submit' }, icon('send'), h('span', {}, texts.send)),
    );
    this.#latest = h('button', { class: 'latest', type: 'button', hidden: true, 'aria-label': texts.latest,
      onclick: () => this.#toLatest() }, icon('down'), h('span', { class: 'count' }));
    this.people = h(
      'aside',
      { id: 'people', class: 'people', 'aria-label': texts.people, hidden: true },
      h('div', { class: 'bar' }, this.#peopleTitle,
        h('button', { class: 'icon-button', type: 'button', 'aria-label': texts.closePanel, onclick: () => this.#showPeople(false, true) }, icon('close'))),
      this.#peopleList,
    );
    this.main = h(
      'section',
      { class: 'conversation', 'aria-labelledby': 'title' },
      h('header', { class: 'bar' },
        h('button', { class: 'icon-button back', type: 'button', 'aria-label': texts.back, onclick: events.back }, icon('back')),
        h('div', { class: 'titles' }, this.#title, this.#subtitle),
        this.#peopleButton,
        this.#leaveButton),
      this.#banner,
      this.#placeholder,
      h('div', { class: 'stage' }, this.timeline.element, this.#latest),
      this.#composer,
    );
    this.open(null);
  }

  /** @param {import('./conversation.js').Conversation | null} chat */
  open(chat) {
    if (this.#chat !== null) {
      this.#chat.draft = this.#field.value;
    }
    this.#chat = chat;
    const isOpen = chat !== null;
    this.main.classList.toggle('is-open', isOpen);
    this.#placeholder.hidden = isOpen;
    for (const part of [this.timeline.element, this.#composer, this.#leaveButton]) {
      part.hidden = !isOpen;
    }
    this.#field.value = chat?.draft ?? '';
    this.#field.placeholder = isOpen ? texts.messageTo(this.#titleOf(chat)) : '';
    const leave = chat !== null && chat.roomId > 0 ? texts.leave : texts.closeChat;
    this.#leaveButton.replaceChildren(icon(chat !== null && chat.roomId > 0 ? 'leave' : 'close'));
    this.#leaveButton.title = leave;
    this.#leaveButton.setAttribute('aria-label', leave);
    this.timeline.show(chat);
    this.draw();
    this.#grow();
    if (chat === null || chat.roomId === 0) {
      this.#showPeople(false);
    } else if (matchMedia('(min-width: 1100px)').matches) {
      this.#showPeople(true);
    }
  }

  /** Puts the cursor where a person writes; on a phone that would open the keyboard over what is to be read. */
  focus() {
    if (matchMedia('(hover: hover) and (pointer: fine)').matches) {
      this.#field.focus();
    } else {
      this.#title.focus();
    }
  }

  /** The head, and who is here. */
  draw() {
    const chat = this.#chat;
    setText(this.#title, chat === null ? 'GoChat' : this.#titleOf(chat));
    const isRoom = chat !== null && chat.roomId > 0;
    this.#peopleButton.hidden = !isRoom;
    setText(this.#subtitle, isRoom && chat.memberCount > 0 ? texts.peopleHere(chat.memberCount) : chat === null || isRoom ? '' : texts.direct);
    if (isRoom && !this.people.hidden) {
      this.#drawPeople(chat);
    }
    this.drawLatest();
  }

  /** The way back down, with what is new there. */
  drawLatest() {
    const chat = this.#chat;
    this.#latest.hidden = chat === null || this.timeline.isFollowing || chat.items.length === 0;
    const count = chat !== null && chat.unread > 0 ? String(chat.unread) : '';
    setText(this.#latest.querySelector('.count'), count);
  }

  /** What is wrong with the connection; null: nothing. @param {{text: string, button: string, act: () => void} | null} said */
  drawBanner(said) {
    if (said === null) {
      this.#banner.hidden = true;
      this.#banner.replaceChildren();
      return;
    }
    const [text, button] = this.#banner.children;
    if (button?.textContent === said.button) {
      setText(text, said.text);
      button.onclick = said.act;
    } else {
      const go = h('button', { type: 'button' }, said.button);
      go.onclick = said.act;
      this.#banner.replaceChildren(h('span', {}, said.text), go);
    }
    this.#banner.hidden = false;
  }

  /** @param {import('./conversation.js').Conversation} chat */
  #titleOf(chat) {
    return chat.roomId > 0 ? texts.roomTitle(chat.roomId) : chat.person;
  }

  /** @param {import('./conversation.js').Conversation} chat */
  #drawPeople(chat) {
    setText(this.#peopleTitle, texts.peopleHere(chat.memberCount));
    if (this.#peopleShown === chat.peopleVersion) {
      return;
    }
    this.#peopleShown = chat.peopleVersion;
    const names = [...chat.members].sort(([, a], [, b]) => a.localeCompare(b)).slice(0, MOST_NAMES);
    const rows = names.map(([userId, name]) =>
      h('li', {},
        userId === this.#me
          ? h('span', { class: 'member' }, avatar(name), h('bdi', {}, name), h('span', { class: 'you' }, texts.you))
          : h('button', { class: 'member', type: 'button', title: texts.writeTo(name), onclick: () => this.#events.write(name) },
              avatar(name), h('bdi', {}, name))));
    const more = chat.memberCount - names.length;
    if (more > 0 && names.length > 0) {
      rows.push(h('li', { class: 'note' }, texts.peopleMore(more)));
    }
    this.#peopleList.replaceChildren(...rows);
  }

  /** @param {boolean} isShown @param {boolean} [andFocus] */
  #showPeople(isShown, andFocus = false) {
    this.people.hidden = !isShown;
    this.#peopleButton.setAttribute('aria-expanded', String(isShown));
    this.draw();
    if (andFocus) {
      this.#peopleButton.focus();
    }
  }

  #toLatest() {
    this.timeline.follow();
    this.#events.seen(true);
    this.#field.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter that ends the choice of a character (Chinese, Japanese) is not meant for us.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      this.#send();
    }
  }

  #send() {
    const text = this.#field.value.trim();
    if (text !== '' && this.#chat !== null) {
      this.#field.value = '';
      this.#grow();
      this.#events.send(text);
      this.timeline.follow();
    }
    this.#field.focus();
  }

  /** As many rows as the text has, up to six. */
  #grow() {
    const rows = Math.min(6, this.#field.value.split('\n').length);
    this.#field.rows = rows;
    if (rows < 6 && this.#field.scrollHeight > this.#field.clientHeight + 4) {
      this.#field.rows = Math.min(6, rows + Math.ceil((this.#field.scrollHeight - this.#field.clientHeight) / 22));
    }
  }
}
