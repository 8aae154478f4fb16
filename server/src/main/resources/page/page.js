import { holdTab } from './client/gochat.js';
import { Chat } from './chat.js';
import { signInView } from './sign-in.js';
import { onSessionElsewhere, readSession, writeSession } from './storage.js';
import { language } from './texts.js';

/** The page: somebody signs in, chats, and signs out. */

const app = /** @type {HTMLElement} */ (document.getElementById('app'));
const tab = holdTab();

/** @type {Chat | null} */
let chat = null;
let token = '';

/** @param {string} why */
function showSignIn(why) {
  if (chat !== null) {
    chat.stop();
    chat = null;
    history.replaceState(null, '', location.pathname + location.search); // a link to a room is kept until then
  }
  token = '';
  const { view, focus } = signInView(why, (session) => {
    writeSession(session);
    showChat(session);
  });
  app.replaceChildren(view);
  focus();
}

/** @param {import('./storage.js').Session} session */
async function showChat(session) {
  token = session.token;
  const held = await tab;
  if (token !== session.token) {
    return; // somebody else came meanwhile
  }
  await chat?.stop();
  const next = new Chat(session, held, (why) => {
    if (chat === next && readSession()?.token === session.token) {
      writeSession(null);
    }
    if (chat === next) {
      showSignIn(why);
    }
  });
  chat = next;
  app.replaceChildren(next.element);
  next.start();
}

onSessionElsewhere(() => {
  const session = readSession();
  if ((session?.token ?? '') !== token) {
    if (session === null) {
      showSignIn('');
    } else {
      showChat(session);
    }
  }
});

document.documentElement.lang = language;
const session = readSession();
if (session === null) {
  showSignIn('');
} else {
  showChat(session);
}
