import { login, register } from './client/gochat.js';
import { h } from './dom.js';
import { sentenceOf, texts } from './texts.js';

/**
 * The first thing that a person sees.
 *
 * @param {string} why said above the fields; empty: nothing
 * @param {(session: import('./storage.js').Session) => void} signedIn
 */
export function signInView(why, signedIn) {
  const name = h('input', {
    id: 'name', name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true,
    maxlength: '128', dir: 'auto',
  });
  const password = h('input', {
    id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true,
  });
  const error = h('p', { class: 'error', role: 'alert' }, why);
  const signIn = h('button', { class: 'primary', type: 'submit' }, texts.signIn);
  const signUp = h('button', { class: 'secondary', type: 'button', onclick: () => go(true) }, texts.signUp);
  const form = h(
    'form',
    { class: 'card', novalidate: true, onsubmit: (/** @type {Event} */ e) => (e.preventDefault(), go(false)) },
    h('label', { for: 'name' }, texts.name),
    name,
    h('label', { for: 'password' }, texts.password),
    password,
    error,
    h('div', { class: 'buttons' }, signIn, signUp),
  );

  /** @param {boolean} isNew */
  async function go(isNew) {
    const missing = name.value.trim() === '' ? name : password.value === '' ? password : null;
    if (missing !== null) {
      error.textContent = missing === name ? texts.needName : texts.needPassword;
      missing.focus();
      return;
    }
    error.textContent = '';
    setBusy(true);
    try {
      if (isNew) {
        await register('', name.value.trim(), password.value);
      }
      signedIn(await login('', name.value.trim(), password.value));
    } catch (e) {
      setBusy(false);
      error.textContent = sentenceOf(e);
      password.focus();
    }
  }

  /** @param {boolean} isBusy */
  function setBusy(isBusy) {
    form.setAttribute('aria-busy', String(isBusy));
    for (const button of [signIn, signUp]) {
      button.disabled = isBusy;
    }
  }

  const view = h(
    'main',
    { class: 'welcome' },
    h('div', { class: 'brand' }, h('span', { class: 'logo', 'aria-hidden': 'true' }), h('h1', {}, 'GoChat'),
      h('p', {}, texts.tagline)),
    form,
  );
  return { view, focus: () => name.focus() };
}
