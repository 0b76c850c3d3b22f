/**
 * The parts of a JSONata syntax tree that analysis looks at; the library's own type leaves half of them out.
 */
export interface SyntaxNode {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly steps?: readonly SyntaxNode[];
  readonly stages?: readonly SyntaxNode[];
  readonly predicate?: readonly SyntaxNode[];
  readonly expr?: SyntaxNode;
  readonly arguments?: readonly SyntaxNode[];
  readonly procedure?: SyntaxNode;
  readonly rhs?: SyntaxNode;
  readonly group?: object;
  readonly body?: SyntaxNode;
  readonly expressions?: readonly SyntaxNode[];
  /** A list of pairs in an object. */
  readonly lhs?: SyntaxNode | readonly unknown[];
  readonly focus?: string;
  readonly index?: unknown;
  readonly signature?: { readonly definition?: string };
}

/**
 * Every node below (and with) this one, whatever its kind: children are found by shape, so that no kind is
 * forgotten.
 */
export function* everyNode(node: SyntaxNode): Generator<SyntaxNode> {
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    open.push(...children(next));
  }
}

/** The nodes directly below this one, lists of lists flattened. */
export function children(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap(nodesIn);
}

function nodesIn(member: unknown): SyntaxNode[] {
  if (Array.isArray(member)) return member.flatMap(nodesIn);
  if (typeof member !== 'object' || member === null || member instanceof RegExp) return [];
  return isSyntaxNode(member) ? [member] : Object.values(member).flatMap(nodesIn);
}

function isSyntaxNode(member: object): member is SyntaxNode {
  return 'type' in member && typeof member.type === 'string';
}
