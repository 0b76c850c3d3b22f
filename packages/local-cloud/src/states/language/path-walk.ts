import { isArray, isObject, type Json, setMember } from './json.ts';
import { callPathFunction } from './path-functions.ts';
import type { Segment } from './path-syntax.ts';

/** A path is definite when it can name one place only; its answer is that value, every other's is a list. */
export function isDefinite(segments: readonly Segment[]): boolean {
  return segments.every(({ kind }, index) => kind === 'name' || kind === 'index' || kind === 'call' || (kind === 'names' && index === segments.length - 1));
}

/** All values that the segments lead to, in document order. `root` is what `$` means inside filters. */
export function follow(segments: readonly Segment[], start: Json, root: Json): readonly Json[] {
  let nodes: readonly Json[] = [start];
  let single = true;
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === 'call') nodes = callOn(segment, single ? nodes[0] : nodes);
    else nodes = nodes.flatMap((node) => childrenOf(node, segment, { root, last: index === segments.length - 1 }));
    single &&= segment.kind === 'name' || segment.kind === 'index' || segment.kind === 'call';
  }
  return nodes;
}

function callOn(segment: Extract<Segment, { kind: 'call' }>, target: Json | readonly Json[] | undefined): readonly Json[] {
  const answer = target === undefined ? undefined : callPathFunction(segment.name, target);
  return answer === undefined ? [] : [answer];
}

function childrenOf(node: Json, segment: Exclude<Segment, { kind: 'call' }>, at: { root: Json; last: boolean }): readonly Json[] {
  switch (segment.kind) {
    case 'name':
      return present(memberOf(node, segment.name));
    case 'names':
      return at.last ? pick(node, segment.names) : segment.names.flatMap((name) => present(memberOf(node, name)));
    case 'index':
      return present(elementOf(node, segment.index));
    case 'indices':
      return segment.indices.flatMap((index) => present(elementOf(node, index)));
    case 'slice':
      return isArray(node) ? node.slice(segment.from ?? 0, segment.to ?? node.length).filter((_, index) => index % segment.step === 0) : [];
    case 'wildcard':
      return valuesOf(node);
    case 'descend':
      return withDescendants(node);
    case 'filter':
      return (isArray(node) ? node : [node]).filter((item) => segment.test(item, at.root));
    default:
      return segment satisfies never;
  }
}

/** The member of an object, or undefined. */
export function memberOf(node: Json | undefined, name: string): Json | undefined {
  return isObject(node) && Object.hasOwn(node, name) ? node[name] : undefined;
}

/** The element of an array, counted from its end where the index is negative, or undefined. */
export function elementOf(node: Json | undefined, index: number): Json | undefined {
  return isArray(node) ? node.at(index) : undefined;
}

const present = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : [value]);

const valuesOf = (node: Json): readonly Json[] => (isArray(node) ? node : isObject(node) ? Object.values(node) : []);

const withDescendants = (node: Json): readonly Json[] => [node, ...valuesOf(node).flatMap(withDescendants)];

function pick(node: Json, names: readonly string[]): readonly Json[] {
  if (!isObject(node)) return [];
  const picked: Record<string, Json> = {};
  for (const name of names) {
    const value = memberOf(node, name);
    if (value !== undefined) setMember(picked, name, value);
  }
  return [picked];
}
