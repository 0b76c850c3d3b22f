import { KEY_HEADER, type Refusal } from '../wire.ts';

const STORED = 'statebag-key';

/** Takes the key out of the address, where the command put it, so that it is in no link that is copied. */
export function takeKey(): void {
  const key = /^#key=([\w-]+)$/.exec(location.hash)?.[1];
  if (key === undefined) return;
  localStorage.setItem(STORED, key);
  history.replaceState(null, '', location.pathname + location.search);
}

/** A request that was refused, or not answered. */
export class AskError extends Error {
  readonly code: string;
  readonly mend: string;
  readonly status: number;

  constructor({ error }: Refusal, status: number) {
    super(error.message);
    this.code = error.code;
    this.mend = error.mend;
    this.status = status;
  }
}

export interface Asking {
  readonly body?: object;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request with the key of the place. @throws AskError with what mends it */
export async function request(path: string, { body, signal, headers = {} }: Asking = {}): Promise<Response> {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, [KEY_HEADER]: localStorage.getItem(STORED) ?? '' },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (response.ok) return response;
  const refusal = await response.json();
  throw new AskError(isRefusal(refusal) ? refusal : unknownRefusal(response), response.status);
}

export async function ask<Answer>(path: string, asking: Asking = {}): Promise<Answer> {
  // its schema was checked where it was made
  return (await (await request(path, asking)).json()) as Answer;
}

/** Every page of a list, as many as `most`. */
export async function askAll<Page extends { readonly next: string | null }>(
  path: string,
  most = 100,
): Promise<Page[]> {
  const pages: Page[] = [];
  let next: string | null = null;
  do {
    const more: string =
      next === null ? '' : `${path.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}`;
    const page: Page = await ask<Page>(path + more);
    pages.push(page);
    next = page.next;
  } while (next !== null && pages.length < most);
  return pages;
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && typeof Object(value).error === 'object';
}

function unknownRefusal({ status, statusText }: Response): Refusal {
  return { error: { code: `HTTP ${status}`, message: statusText, mend: 'Try again.' } };
}
