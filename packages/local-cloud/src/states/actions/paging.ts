import { apiErrors } from '../api-errors.ts';
import type { Request } from './request.ts';

const MOST = 1000;
const DEFAULT = 100;

/** A page of a list, by offset. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** Reads `maxResults` and `nextToken`. */
export function readPage(request: Request): Page {
  return { offset: offsetOf(request.text('nextToken')), limit: request.integer('maxResults', { least: 0, most: MOST }) || DEFAULT };
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const offset = Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(offset) || offset < 0) throw apiErrors.paginationToken();
  return offset;
}

/** The field that leads to the next page, if there is one. `items` were read with a limit one higher than the page's. */
export function cutPage<T>(items: readonly T[], { offset, limit }: Page): { items: readonly T[]; next: { nextToken?: string } } {
  if (items.length <= limit) return { items, next: {} };
  return { items: items.slice(0, limit), next: { nextToken: Buffer.from(String(offset + limit)).toString('base64url') } };
}

/** A page of a list that is in memory as a whole. */
export function pageOf<T>(all: readonly T[], page: Page): { items: readonly T[]; next: { nextToken?: string } } {
  return cutPage(all.slice(page.offset, page.offset + page.limit + 1), page);
}
