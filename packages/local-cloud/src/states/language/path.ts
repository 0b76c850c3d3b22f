import type { Json } from './json.ts';
import { parseSegments, type Segment } from './path-syntax.ts';
import { elementOf, follow, isDefinite, memberOf } from './path-walk.ts';

/** What expressions of a state can see. The context object is built only when one asks for it. */
export interface Scope {
  /** What `$` means. */
  readonly input: Json;
  /** What `$$` means. */
  context(): Json;
}

/** A compiled JSONPath. */
export interface Path {
  readonly text: string;
  readonly definite: boolean;
  /** Undefined: a definite path that leads nowhere. Any other path gives a list, empty when nothing matches. */
  read(scope: Scope): Json | undefined;
}

/** Compiles `$…` and `$$…`; throws a `SyntaxError` that says where the path is wrong. */
export function compilePath(text: string): Path {
  if (!text.startsWith('$')) throw new SyntaxError(`a path starts with '$': '${text}'`);
  const ofContext = text.startsWith('$$');
  const segments = parseSegments(text.slice(ofContext ? 2 : 1));
  const definite = isDefinite(segments);
  const walk = definite ? directWalk(segments) : (root: Json) => follow(segments, root, root);
  return { text, definite, read: ofContext ? (scope) => walk(scope.context()) : (scope) => walk(scope.input) };
}

/** The common case, members and elements only, without lists in between. */
function directWalk(segments: readonly Segment[]): (root: Json) => Json | undefined {
  if (segments.length === 0) return (root) => root;
  if (segments.some(({ kind }) => kind === 'call' || kind === 'names')) return (root) => follow(segments, root, root)[0];
  return (root) => {
    let node: Json | undefined = root;
    for (const segment of segments) {
      if (segment.kind === 'name') node = memberOf(node, segment.name);
      else if (segment.kind === 'index') node = elementOf(node, segment.index);
      if (node === undefined) return undefined;
    }
    return node;
  };
}
