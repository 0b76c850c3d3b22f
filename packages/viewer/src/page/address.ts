import { useEffect, useState } from 'preact/hooks';

const CHANGED = 'statebag-address';

export function useAddress(): URL {
  const [href, setHref] = useState(location.href);
  useEffect(() => {
    const look = () => setHref(location.href);
    addEventListener('popstate', look);
    addEventListener(CHANGED, look);
    return () => {
      removeEventListener('popstate', look);
      removeEventListener(CHANGED, look);
    };
  }, []);
  return new URL(href);
}

/** Opens an address of the page. A selection replaces the entry of the history, pages and tabs push one. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', to);
  else {
    history.pushState(null, '', to);
    scrollTo(0, 0);
  }
  dispatchEvent(new Event(CHANGED));
}

/** The same address with other members of its query; null leaves one out. */
export function withQuery(address: URL, query: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(address.search);
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return address.pathname + (text === '' ? '' : `?${text}`);
}

/** Follows a click on a link of the page without loading it anew. */
export function onLinkClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  const link = event.target instanceof Element ? event.target.closest('a[href^="/"]') : null;
  if (!link) return;
  event.preventDefault();
  go(link.getAttribute('href') ?? '/');
}
