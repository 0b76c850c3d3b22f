const STORED = 'statebag-theme';

/** Light or dark as the system has it, until somebody chooses; `?theme=` in the address goes before both. */
export function applyTheme(): void {
  const wanted = new URLSearchParams(location.search).get('theme') ?? localStorage.getItem(STORED);
  if (wanted === 'light' || wanted === 'dark') setTheme(wanted);
}

export function switchTheme(): void {
  const next = isDark() ? 'light' : 'dark';
  localStorage.setItem(STORED, next);
  setTheme(next);
}

function isDark(): boolean {
  const { classList } = document.documentElement;
  if (classList.contains('light') || classList.contains('dark')) return classList.contains('dark');
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

function setTheme(theme: 'light' | 'dark'): void {
  document.documentElement.classList.remove('light', 'dark');
  document.documentElement.classList.add(theme);
}
