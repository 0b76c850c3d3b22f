import { children, type SyntaxNode } from './syntax-tree.ts';

/** Top-level fields an expression reads; `all` when it uses the state as a whole. */
export type ReadSet = ReadonlySet<string> | 'all';

/** Arguments each function needs before it stops falling back to the context. */
const CONTEXT_ARITY: Readonly<Record<string, number>> = {
  string: 1,
  lowercase: 1,
  uppercase: 1,
  length: 1,
  trim: 1,
  number: 1,
  floor: 1,
  ceil: 1,
  round: 1,
  abs: 1,
  sqrt: 1,
  boolean: 1,
  not: 1,
  keys: 1,
  spread: 1,
  base64encode: 1,
  base64decode: 1,
  encodeUrlComponent: 1,
  encodeUrl: 1,
  decodeUrlComponent: 1,
  decodeUrl: 1,
  clone: 1,
  toMillis: 1,
  fromMillis: 1,
  formatBase: 1,
  substring: 2,
  substringBefore: 2,
  substringAfter: 2,
  pad: 2,
  match: 2,
  contains: 2,
  split: 2,
  formatNumber: 2,
  formatInteger: 2,
  parseInteger: 2,
  power: 2,
  sift: 2,
  lookup: 2,
  each: 2,
  replace: 3,
};

/** What is read of the state, from the syntax tree alone. Unsure counts as the whole state. */
export function readSetOf(tree: SyntaxNode): ReadSet {
  const fields = new Set<string>();
  return collect(tree, { atRoot: true, fields }) ? fields : 'all';
}

interface Place {
  /** Whether a bare name is a field of the state here, or of a value found in it. */
  readonly atRoot: boolean;
  readonly fields: Set<string>;
}

/** False as soon as the whole state is used. */
function collect(node: SyntaxNode, place: Place): boolean {
  switch (node.type) {
    case 'path':
      return collectPath(node, place);
    case 'name':
      if (place.atRoot) place.fields.add(String(node.value));
      return collectBelow(node, place);
    case 'wildcard':
    case 'descendant':
      return !place.atRoot;
    case 'parent':
      return false;
    case 'variable':
      return !isState(node, place) && collectBelow(node, place);
    case 'function':
    case 'partial':
      return !fallsBackToState(node, place) && children(node).every((child) => collect(child, place));
    case 'lambda':
      return (
        !node.signature?.definition?.includes('-') && children(node).every((child) => collect(child, place))
      );
    case 'transform':
      return collectBelow(node, place);
    default:
      return children(node).every((child) => collect(child, place));
  }
}

/** Filters, groupings and sort terms look at the value found, no longer at the state. */
function collectBelow(node: SyntaxNode, place: Place): boolean {
  return children(node).every((child) => collect(child, { ...place, atRoot: false }));
}

function collectPath(path: SyntaxNode, place: Place): boolean {
  let here = place;
  const steps = path.steps ?? [];
  for (const [index, step] of steps.entries()) {
    const passesStateOn = isState(step, here) && index < steps.length - 1 && children(step).length === 0;
    if (!passesStateOn && !collect(step, here)) return false;
    if (step.focus === undefined) here = { ...here, atRoot: passesStateOn };
  }
  return collectBelow({ ...path, steps: [] }, place);
}

/** `$$` is the state anywhere, `$` where the context still is the state. */
function isState(node: SyntaxNode, place: Place): boolean {
  return node.type === 'variable' && (node.value === '$' || (node.value === '' && place.atRoot));
}

function fallsBackToState(node: SyntaxNode, place: Place): boolean {
  const needed =
    node.procedure?.type === 'variable' ? CONTEXT_ARITY[String(node.procedure.value)] : undefined;
  return place.atRoot && needed !== undefined && (node.arguments ?? []).length < needed;
}

/** Everything either reads. */
export function unionOfReads(reads: Iterable<ReadSet>): ReadSet {
  const union = new Set<string>();
  for (const set of reads) {
    if (set === 'all') return 'all';
    for (const field of set) union.add(field);
  }
  return union;
}
