/** Light or dark: as the reader's system says, until the button is pressed. */
import { h } from './dom.ts';

export function themeButton(onChange: () => void): HTMLElement {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const isDark = (): boolean => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);
  const button = h('button', { type: 'button', class: 'theme' });
  const name = (): void => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Change to ${isDark() ? 'light' : 'dark'} colours`);
  };
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    name();
    onChange();
  });
  dark.addEventListener('change', () => {
    name();
    onChange();
  });
  name();
  return button;
}
