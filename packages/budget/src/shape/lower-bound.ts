import { bytesOf, type Shape } from './shape.ts';

/** A bound of one part of a value that would keep all of it under a limit. */
export interface LowerBound {
  readonly at: string;
  readonly keyword: 'maxLength' | 'maxItems';
  readonly most: number;
}

/** How long the largest text may be, or how many members the largest list may have, so that the rest fits, too. */
export function lowerBound(shape: Shape, limit: number): LowerBound | null {
  const bytes = bytesOf(shape);
  if (!Number.isFinite(bytes)) return null;
  const leaf = largestLeaf(shape, { at: '', copies: 1, list: null });
  // where something around it limits the whole, no bound of a part can be told
  if (!leaf || leaf.each * leaf.chars > bytes) return null;
  const room = (each: number, now: number) => Math.floor((limit - (bytes - now * each)) / each);
  const chars = room(leaf.each, leaf.chars);
  if (chars >= 1) return { at: leaf.at, keyword: 'maxLength', most: chars };
  if (!leaf.list) return null;
  const most = room(leaf.list.each, leaf.list.most);
  return most >= 1 ? { at: leaf.list.at, keyword: 'maxItems', most } : null;
}

interface Leaf {
  readonly at: string;
  /** Bytes that one more character takes, in all the copies that there may be. */
  readonly each: number;
  readonly chars: number;
  readonly list: { readonly at: string; readonly each: number; readonly most: number } | null;
}

interface LeafPlace {
  readonly at: string;
  readonly copies: number;
  readonly list: Leaf['list'];
}

function largestLeaf({ text, list, object }: Shape, place: LeafPlace): Leaf | null {
  const { at, copies } = place;
  const own = text && text.chars > 0 ? { ...place, each: copies * text.widest, chars: text.chars } : null;
  const below = [...(object?.members ?? [])].map(([name, member]) =>
    largestLeaf(member, { ...place, at: `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` }),
  );
  const inList =
    list && list.most > 0
      ? largestLeaf(list.item, {
          at: `${at}/*`,
          copies: copies * list.most,
          list: { at, each: copies * (bytesOf(list.item) + 1), most: list.most },
        })
      : null;
  const all = [own, inList, ...below].filter((leaf) => leaf !== null);
  return all.reduce<Leaf | null>(
    (most, leaf) => (most && weightOf(most) >= weightOf(leaf) ? most : leaf),
    null,
  );
}

const weightOf = ({ each, chars }: Leaf): number => each * chars;
