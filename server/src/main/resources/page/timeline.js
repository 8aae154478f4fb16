import { avatar, h, linked } from './dom.js';
import { dayOf, momentOf, sentenceOf, texts, timeOf } from './texts.js';

/** At most so many lines are in the document … */
const MOST_LINES = 1_500;

/** … and when there are more, so many are left; that is also what scrolling adds at a time. */
const KEPT_LINES = 1_200;
const STEP = 100;

/** So near to an edge counts as there. */
const NEAR_PX = 80;
const EDGE_PX = 600;

/** Then who still is at the top is looked after again. */
const AGAIN_MS = 1_000;

/** A pause after which the next message shows again who wrote it. */
const PAUSE_MS = 5 * 60_000;

/**
 * The lines of the open chat. Only a window of them is in the document; it follows the newest line while the person
 * looks at that, and stands still otherwise. What arrives is drawn once per frame, however much it is.
 */
export class Timeline {
  #list = h('ol', { class: 'lines' });
  #note = h('p', { class: 'note' });
  #events;
  #me;
  /** @type {import('./conversation.js').Conversation | null} */
  #chat = null;
  #from = 0;
  #to = 0;
  #isFollowing = true;
  #isDue = false;
  #again = 0;
  /** Behind which the unread begins; -1: nothing is unread, or it is marked already. */
  #dividerAfter = -1;
  /** What is in the document, as far as only appending goes on from there. @type {{from: number, to: number, last: any} | null} */
  #drawn = null;
  /** @type {WeakMap<import('./conversation.js').Item, string>} */
  #days = new WeakMap();
  /** @type {WeakMap<import('./conversation.js').Item, any>} */
  #lines = new WeakMap();
  /** @type {Map<string, any>} */
  #dividers = new Map();

  /**
   * @param {number} me
   * @param {{older: () => void, retry: (item: any) => void, discard: (item: any) => void, write: (name: string) => void,
   *   seen: (isAtEnd: boolean) => void}} events
   */
  constructor(me, events) {
    this.#me = me;
    this.#events = events;
    this.element = h(
      'div',
      { class: 'timeline', role: 'log', 'aria-live': 'off', 'aria-label': texts.messages, tabindex: '0', onscroll: () => this.#scrolled() },
      this.#note,
      this.#list,
    );
    new ResizeObserver(() => this.#isFollowing && this.#toEnd()).observe(this.element);
  }

  /** Whether the newest line is in sight. */
  get isFollowing() {
    return this.#isFollowing;
  }

  /** @param {import('./conversation.js').Conversation | null} chat */
  show(chat) {
    this.#chat = chat;
    this.#dividerAfter = chat !== null && chat.unread > 0 ? chat.readUpTo.seq : -1;
    this.#lines = new WeakMap();
    this.#dividers.clear();
    this.#days = new WeakMap();
    this.#drawn = null;
    this.#list.replaceChildren();
    this.#from = 0;
    this.#to = 0;
    this.follow();
  }

  /** Goes to the newest line, and stays there. */
  follow() {
    const count = this.#chat?.items.length ?? 0;
    this.#isFollowing = true;
    this.#to = count;
    this.#from = Math.max(this.#from, count - KEPT_LINES, 0);
    this.#draw();
  }

  /** Something changed; it is drawn with the next frame. @param {number} [added] lines before what is shown */
  changed(added = 0) {
    this.#from += added;
    this.#to += added;
    if (added > 0) {
      this.#from = Math.max(0, this.#from - added); // they were asked for: show them
    }
    if (!this.#isDue) {
      this.#isDue = true;
      const draw = () => {
        if (this.#isDue) {
          this.#isDue = false;
          this.#draw();
        }
      };
      if (document.hidden) {
        setTimeout(draw, 200); // no frames are drawn for nobody
      } else {
        requestAnimationFrame(draw);
      }
    }
  }

  // ---- the window

  #moveWindow() {
    const count = this.#chat?.items.length ?? 0;
    if (this.#isFollowing) {
      this.#to = count;
      if (this.#to - this.#from > MOST_LINES) {
        this.#from = this.#to - KEPT_LINES;
      }
    } else {
      this.#to = Math.min(count, Math.max(this.#to, Math.min(count, this.#from + MOST_LINES)));
      if (this.#to - this.#from > MOST_LINES) {
        this.#to = this.#from + MOST_LINES;
      }
    }
    this.#from = Math.min(this.#from, this.#to);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const toEnd = scrollHeight - scrollTop - clientHeight;
    const isAtEnd = toEnd < NEAR_PX && this.#to >= (this.#chat?.items.length ?? 0);
    if (isAtEnd !== this.#isFollowing) {
      this.#isFollowing = isAtEnd;
      this.#events.seen(isAtEnd);
    }
    if (scrollTop < EDGE_PX) {
      this.#up();
    } else if (toEnd < EDGE_PX && this.#to < (this.#chat?.items.length ?? 0)) {
      this.#to += STEP;
      this.#from = Math.max(this.#from, this.#to - MOST_LINES);
      this.#draw();
    }
  }

  #up() {
    if (this.#from > 0) {
      this.#from = Math.max(0, this.#from - STEP);
      this.#draw();
    } else if (this.#chat?.isLoaded && !this.#chat.isWhole && !this.#chat.isLoading) {
      this.#events.older();
    }
    this.#lookAgain();
  }

  // Who is at the very top cannot scroll any further to ask again: what was asked for may have failed, or have been on its
  // way already.
  #lookAgain() {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      const isMore = this.#from > 0 || (this.#chat !== null && !this.#chat.isWhole);
      if (isMore && !this.#isFollowing && this.element.scrollTop < EDGE_PX) {
        this.#up();
      }
    }, AGAIN_MS);
  }

  #toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  // ---- drawing

  #draw() {
    const chat = this.#chat;
    if (chat === null) {
      return;
    }
    this.#moveWindow();
    const anchor = this.#isFollowing ? null : this.#anchor();
    const isAppended = this.#append(chat);
    if (!isAppended) {
      this.#arrange(this.#rows(chat, this.#from, null));
    }
    const isAll = this.#to > this.#from && chat.pending.length === 0;
    this.#drawn = isAll ? { from: this.#from, to: this.#to, last: chat.items[this.#to - 1] } : null;
    this.#say(chat);
    if (anchor === null) {
      this.#toEnd();
    } else {
      this.element.scrollTop += anchor.node.offsetTop - anchor.top;
    }
  }

  /** The first line in sight: it must stay where it is. */
  #anchor() {
    const { scrollTop } = this.element;
    for (const node of this.#list.children) {
      if (node.offsetTop + node.offsetHeight > scrollTop && node.dataset.seq) {
        return { node, top: node.offsetTop };
      }
    }
    return null;
  }

  /** Draws only what came behind that which is drawn, where nothing else changed. @param {import('./conversation.js').Conversation} chat */
  #append(chat) {
    const drawn = this.#drawn;
    if (drawn === null || drawn.from !== this.#from || chat.items[drawn.to - 1] !== drawn.last || drawn.to > this.#to) {
      return false;
    }
    this.#list.append(...this.#rows(chat, drawn.to, drawn.last));
    return true;
  }

  /**
   * @param {import('./conversation.js').Conversation} chat
   * @param {number} from
   * @param {import('./conversation.js').Item | null} before
   * @returns {any[]}
   */
  #rows(chat, from, before) {
    const rows = [];
    let last = before;
    let day = before === null ? '' : this.#dayOf(before);
    let isDivided = this.#dividerAfter < 0 || before !== null;
    for (const item of [...chat.items.slice(from, this.#to), ...(this.#to >= chat.items.length ? chat.pending : [])]) {
      if (item.kind === 'message' && this.#dayOf(item) !== day) {
        day = this.#dayOf(item);
        rows.push(this.#divider('day', day));
        last = null;
      }
      if (!isDivided && item.seq > this.#dividerAfter && item.fromUserId !== this.#me) {
        rows.push(this.#divider('unread', texts.newMessages));
        isDivided = true;
        last = null;
      }
      rows.push(this.#line(item, last));
      last = item.kind === 'message' ? item : null;
    }
    return rows;
  }

  /** @param {import('./conversation.js').Item} item */
  #dayOf(item) {
    const day = this.#days.get(item) ?? dayOf(item.createdAtMs);
    this.#days.set(item, day);
    return day;
  }

  /** @param {string} kind @param {string} text */
  #divider(kind, text) {
    const key = `${kind} ${text}`;
    const divider = this.#dividers.get(key) ?? h('li', { class: `divider ${kind}` }, h('span', {}, text));
    this.#dividers.set(key, divider);
    return divider;
  }

  /** @param {import('./conversation.js').Item} item @param {import('./conversation.js').Item | null} before */
  #line(item, before) {
    const isContinued =
      before !== null && before.fromUserId === item.fromUserId && item.createdAtMs - before.createdAtMs < PAUSE_MS;
    let line = this.#lines.get(item);
    if (line === undefined || line.shown !== item.state) {
      line = item.kind === 'gap' ? gapLine(item) : this.#messageLine(item);
      line.shown = item.state;
      this.#lines.set(item, line);
    }
    if (line.classList.contains('continued') !== isContinued) {
      line.classList.toggle('continued', isContinued);
    }
    return line;
  }

  /** @param {import('./conversation.js').Item} item */
  #messageLine(item) {
    const { seq, fromUserId, fromUserName, text, createdAtMs, state } = item;
    const isOwn = fromUserId === this.#me;
    const write = () => this.#events.write(fromUserName);
    const name = isOwn
      ? h('bdi', { class: 'name' }, texts.you)
      : h('button', { class: 'name', type: 'button', tabindex: '-1', title: texts.writeTo(fromUserName), onclick: write },
          h('bdi', {}, fromUserName));
    return h(
      'li',
      {
        class: `line ${isOwn ? 'own' : 'other'} ${state ?? ''}`,
        data: state === 'sending' || state === 'failed' ? {} : { seq: String(seq) },
      },
      isOwn ? null : avatar(fromUserName),
      h(
        'div',
        { class: 'bubble' },
        h('div', { class: 'head' }, name),
        h('p', { class: 'text', dir: 'auto' }, ...linked(text)),
        h('div', { class: 'foot' },
          h('time', { datetime: new Date(createdAtMs).toISOString(), title: momentOf(createdAtMs) }, timeOf(createdAtMs)),
          this.#state(item)),
      ),
      state === 'failed' ? this.#failure(item) : null,
    );
  }

  /** @param {import('./conversation.js').Item} item */
  #state({ state, fromUserId }) {
    if (fromUserId !== this.#me || state === 'failed') {
      return null;
    }
    const said = state === 'sending' ? texts.sending : texts.sent;
    return h('span', { class: 'state', title: said }, h('span', { class: 'unseen' }, said));
  }

  /** @param {import('./conversation.js').Item} item */
  #failure(item) {
    const reason = item.reason ? sentenceOf({ failure: item.reason }) : '';
    return h(
      'div',
      { class: 'failure' },
      h('span', {}, `${texts.notSent} ${reason}`),
      h('button', { type: 'button', onclick: () => this.#events.retry(item) }, texts.tryAgain),
      h('button', { type: 'button', onclick: () => this.#events.discard(item) }, texts.discard),
    );
  }

  /** Puts the rows into the document, touching only what differs. @param {any[]} rows */
  #arrange(rows) {
    const wanted = new Set(rows);
    for (const node of [...this.#list.children]) {
      if (!wanted.has(node)) {
        node.remove();
      }
    }
    let next = this.#list.firstChild;
    for (const row of rows) {
      if (row === next) {
        next = next.nextSibling;
      } else {
        this.#list.insertBefore(row, next);
      }
    }
  }

  /** What stands above the first line. @param {import('./conversation.js').Conversation} chat */
  #say(chat) {
    const isEmpty = chat.items.length === 0 && chat.pending.length === 0;
    const isTop = this.#from === 0 && chat.isLoaded && chat.isWhole;
    const text = isEmpty && chat.isLoaded
      ? (chat.roomId > 0 ? texts.quiet : texts.quietDirect)
      : chat.isLoading ? texts.loading : isTop ? texts.start : '';
    this.#note.textContent = text;
    this.#note.classList.toggle('empty', isEmpty && chat.isLoaded);
  }
}

/** @param {import('./conversation.js').Item} item */
function gapLine({ missing, seq }) {
  const text = missing ? texts.gapCount(missing) : texts.gap;
  return h('li', { class: 'divider gap', data: { gap: String(seq) } }, h('span', {}, text));
}

