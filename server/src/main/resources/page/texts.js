/** What the page says, in the languages that it speaks. */

const EN = {
  name: 'Name',
  password: 'Password',
  room: 'Room',
  person: 'Person',
  message: 'Message',
  signUp: 'Sign up',
  signIn: 'Sign in',
  signOut: 'Sign out',
  join: 'Join',
  write: 'Write',
  send: 'Send',
  tagline: 'Rooms and direct messages. Nothing that was sent gets lost.',
  chats: 'Chats',
  noChats: 'Join a room by its number, or write to a person.',
  pick: 'Pick a chat, or join a room by its number.',
  back: 'Back to the chats',
  people: 'People',
  peopleHere: (/** @type {number} */ n) => (n === 1 ? '1 person here' : `${n} people here`),
  peopleMore: (/** @type {number} */ n) => `and ${n} more`,
  you: 'you',
  writeTo: (/** @type {string} */ name) => `Write to ${name}`,
  roomTitle: (/** @type {number} */ id) => `Room ${id}`,
  direct: 'Direct message',
  leave: 'Leave the room',
  closeChat: 'Close the chat',
  closePanel: 'Close the list',
  messages: 'Messages',
  messageTo: (/** @type {string} */ where) => `Write to ${where}`,
  start: 'This is the beginning.',
  quiet: 'Nobody has written here yet. Say hello!',
  quietDirect: 'What you write here, only the two of you can read.',
  loading: 'Loading earlier messages …',
  unread: (/** @type {number} */ n) => (n === 1 ? '1 unread' : `${n} unread`),
  newMessages: 'New',
  latest: 'To the latest message',
  today: 'Today',
  yesterday: 'Yesterday',
  sending: 'Sending …',
  sent: 'Sent',
  notSent: 'Not sent.',
  tryAgain: 'Try again',
  discard: 'Discard',
  gap: 'Some messages that were here are no longer kept by the server.',
  gapCount: (/** @type {number} */ n) =>
    n === 1 ? 'One message that was here is no longer kept by the server.' : `${n} messages that were here are no longer kept by the server.`,
  connecting: 'Connecting …',
  lost: 'No connection. What you write is sent when it is back.',
  lostRetry: (/** @type {number} */ s) => `No connection. Trying again in ${s} s; what you write is sent then.`,
  tryNow: 'Try now',
  connected: 'Connected',
  replaced: 'This chat is open somewhere else.',
  useHere: 'Use it here',
  refused: 'The server ended the connection.',
  signedOut: 'You were signed out. Please sign in again.',
  busy: 'One moment …',
  errors: {
    BAD_CREDENTIALS: 'Name or password is wrong.',
    NAME_TAKEN: 'This name is taken. Sign in, or choose another.',
    TOO_MANY: 'Too many attempts. Please wait a little.',
    OVERLOADED: 'The server is busy. Please try again.',
    STORE_UNAVAILABLE: 'The server cannot store anything right now. Please try again.',
    UNREACHABLE: 'The server cannot be reached.',
    RECIPIENT_UNKNOWN: 'Nobody has this name.',
    INVALID_ARGUMENT: 'The server does not accept this.',
    CLIENT_MESSAGE_ID_REUSED: 'This was sent before, with another text.',
    EXPIRED: 'There was no answer in time.',
    QUEUE_FULL: 'Too much is waiting to be sent.',
    CLOSED: 'The connection is closed.',
    TOKEN_INVALID: 'You were signed out. Please sign in again.',
    INTERNAL: 'Something went wrong at the server.',
  },
  needName: 'Please enter a name.',
  needPassword: 'Please enter a password.',
  needRoom: 'A room is a number from 1 on.',
  needPerson: 'Whom do you want to write to?',
  tooLong: 'This text is too long.',
};

/** @type {typeof EN} */
const ZH = {
  name: '用户名',
  password: '密码',
  room: '房间',
  person: '联系人',
  message: '消息',
  signUp: '注册',
  signIn: '登录',
  signOut: '退出登录',
  join: '加入',
  write: '私信',
  send: '发送',
  tagline: '房间群聊与私信，已发送的消息不会丢失。',
  chats: '聊天',
  noChats: '输入房间号加入群聊，或给某人发私信。',
  pick: '请选择一个聊天，或输入房间号加入。',
  back: '返回聊天列表',
  people: '成员',
  peopleHere: (n) => `${n} 人在线`,
  peopleMore: (n) => `还有 ${n} 人`,
  you: '我',
  writeTo: (name) => `给 ${name} 发私信`,
  roomTitle: (id) => `房间 ${id}`,
  direct: '私信',
  leave: '离开房间',
  closeChat: '关闭聊天',
  closePanel: '关闭成员列表',
  messages: '消息列表',
  messageTo: (where) => `发送到 ${where}`,
  start: '这里是最早的消息。',
  quiet: '这里还没有消息，打个招呼吧！',
  quietDirect: '这里的内容只有你们两人可见。',
  loading: '正在加载更早的消息……',
  unread: (n) => `${n} 条未读`,
  newMessages: '新消息',
  latest: '跳到最新消息',
  today: '今天',
  yesterday: '昨天',
  sending: '发送中……',
  sent: '已发送',
  notSent: '未发送。',
  tryAgain: '重试',
  discard: '放弃',
  gap: '此处的部分消息已不在服务器上保存。',
  gapCount: (n) => `此处有 ${n} 条消息已不在服务器上保存。`,
  connecting: '正在连接……',
  lost: '连接已断开，恢复后会自动发送。',
  lostRetry: (s) => `连接已断开，${s} 秒后重试；恢复后会自动发送。`,
  tryNow: '立即重试',
  connected: '已连接',
  replaced: '该聊天已在别处打开。',
  useHere: '在此使用',
  refused: '服务器结束了连接。',
  signedOut: '你已退出登录，请重新登录。',
  busy: '请稍候……',
  errors: {
    BAD_CREDENTIALS: '用户名或密码错误。',
    NAME_TAKEN: '该用户名已被使用，请登录或换一个。',
    TOO_MANY: '尝试次数过多，请稍后再试。',
    OVERLOADED: '服务器繁忙，请重试。',
    STORE_UNAVAILABLE: '服务器暂时无法保存，请重试。',
    UNREACHABLE: '无法连接服务器。',
    RECIPIENT_UNKNOWN: '没有这个用户。',
    INVALID_ARGUMENT: '服务器不接受此内容。',
    CLIENT_MESSAGE_ID_REUSED: '此消息曾以其他内容发送过。',
    EXPIRED: '服务器没有及时回应。',
    QUEUE_FULL: '等待发送的消息过多。',
    CLOSED: '连接已关闭。',
    TOKEN_INVALID: '你已退出登录，请重新登录。',
    INTERNAL: '服务器出错了。',
  },
  needName: '请输入用户名。',
  needPassword: '请输入密码。',
  needRoom: '房间号是从 1 开始的数字。',
  needPerson: '请输入对方的用户名。',
  tooLong: '内容过长。',
};

const isChinese = (navigator.languages ?? [navigator.language])
  .map((language) => language.toLowerCase().split('-')[0])
  .find((language) => language === 'zh' || language === 'en') === 'zh';

/** For `lang`. */
export const language = isChinese ? 'zh-CN' : 'en';

export const texts = isChinese ? ZH : EN;

/** What to say of a failure. @param {any} error @returns {string} */
export function sentenceOf(error) {
  const known = /** @type {Record<string, string>} */ (texts.errors);
  return known[error?.failure] ?? texts.errors.INTERNAL;
}

const locale = isChinese ? 'zh-CN' : (navigator.language ?? 'en');
const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric' });
const dayAndYear = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'long', day: 'numeric' });

/** @param {number} ms */
export function timeOf(ms) {
  return clock.format(ms);
}

/** @param {number} ms */
export function momentOf(ms) {
  return full.format(ms);
}

/** @param {number} ms */
export function dayOf(ms) {
  const then = new Date(ms);
  const now = new Date();
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (then.toDateString() === now.toDateString()) {
    return texts.today;
  }
  if (then.toDateString() === yesterday.toDateString()) {
    return texts.yesterday;
  }
  return (then.getFullYear() === now.getFullYear() ? day : dayAndYear).format(ms);
}
