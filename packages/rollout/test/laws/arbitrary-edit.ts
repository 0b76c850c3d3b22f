import type { JsonObject } from '@statebag/contracts';
import fc from 'fast-check';

/** Nodes that stand beside each other, and what leads from one to the next. */
export interface Scope {
  readonly nodes: readonly JsonObject[];
  readonly edges?: readonly JsonObject[];
}

/** An edit of any document: what is done, and to which of the nodes that it can be done to. */
export interface Edit {
  readonly kind: keyof typeof EDITS;
  /** A part of the whole. */
  readonly node: number;
  readonly number: number;
}

type Change = (node: JsonObject, number: number) => JsonObject;

const config = (node: JsonObject): JsonObject => Object(node['config']);
const withConfig = (node: JsonObject, more: JsonObject): JsonObject => ({
  ...node,
  config: { ...config(node), ...more },
});

/** Edits of one node, each with the type of the nodes that it is for. */
const EDITS = {
  prompt: ['llm_chat', (node) => withConfig(node, { prompt: `${config(node)['prompt']} In short.` })],
  own: ['law.look', (node) => withConfig(node, { about: `${config(node)['about']} In short.` })],
  transform: ['data_transform', (node, number) => withConfig(node, { transform: `{% ${number} %}` })],
  operator: ['operator', (node, number) => withConfig(node, { set: otherValues(node, number) })],
  item: ['for_each', (node, number) => withConfig(node, { items: itemsWith(node, number) })],
  'more items': ['for_each', (node) => withConfig(node, { items: '{% [1..6] %}' })],
  'way taken': ['conditional', (node) => withConfig(node, { cases: turned(config(node)['cases']) })],
  'end of a loop': ['loop', (node) => withConfig(node, { until: '{% true %}' })],
  insert: [null, (node) => node],
  remove: [null, (node) => node],
  beginning: [null, (node) => node],
  /** Nothing of the document: a field is given to the fork. */
  set: [null, (node) => node],
} as const satisfies Readonly<Record<string, readonly [string | null, Change]>>;

export const arbitraryEdit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(...(Object.keys(EDITS) as Edit['kind'][])),
  node: fc.double({ min: 0, max: 0.999, noNaN: true }),
  number: fc.nat(99),
});

/** The document after the edit; the same where nothing in it can be edited so. */
export function edited(document: JsonObject, { kind, node, number }: Edit): JsonObject {
  if (kind === 'beginning')
    return { ...document, initial_state: { ...Object(document['initial_state']), c: number } };
  if (kind === 'set') return document;
  const [type, change] = EDITS[kind];
  const able = everyNodeIn(document).filter((each) => type === null || each['type'] === type);
  const chosen = able[Math.floor(node * able.length)];
  if (chosen === undefined) return document;
  const id = String(chosen['id']);
  return inEveryScope(document, (scope) => {
    if (!scope.nodes.some((each) => each['id'] === id)) return scope;
    if (kind === 'insert') return withNewNode(scope, chosen);
    if (kind === 'remove') return withoutNode(scope, id);
    return { ...scope, nodes: scope.nodes.map((each) => (each['id'] === id ? change(each, number) : each)) };
  });
}

/** Gives every scope of a document, itself included, to `change`: the outermost first. */
export function inEveryScope<Of extends JsonObject>(scope: Of, change: (scope: Scope) => Scope): Of {
  const { nodes, ...rest } = { ...scope, ...change(scope as unknown as Scope) }; // every scope has nodes
  return { ...rest, nodes: nodes.map((node) => withScopes(node, change)) } as unknown as Of;
}

function withScopes(node: JsonObject, change: (scope: Scope) => Scope): JsonObject {
  const { body, branches } = config(node);
  return withConfig(node, {
    ...(body !== undefined && { body: inEveryScope(Object(body) as JsonObject, change) }),
    ...(Array.isArray(branches) && {
      branches: branches.map((branch) => inEveryScope(Object(branch) as JsonObject, change)),
    }),
  });
}

export function everyNodeIn(document: JsonObject): readonly JsonObject[] {
  const all: JsonObject[] = [];
  inEveryScope(document, (scope) => {
    all.push(...scope.nodes);
    return scope;
  });
  return all;
}

/** One item of the list is another one. */
function itemsWith(node: JsonObject, number: number): string {
  const [, count = '0'] = /^\{% \[1\.\.(\d+)\] %\}$/.exec(String(config(node)['items'])) ?? [];
  const other = 1 + (number % Math.max(1, Number(count)));
  return `{% $map([1..${count}], function($v) { $v = ${other} ? 'another' : $v }) %}`;
}

/** To the same fields: what branches write stays apart. */
function otherValues(node: JsonObject, number: number): JsonObject {
  const fields = Object.keys(Object(config(node)['set']));
  return Object.fromEntries(fields.map((field, index) => [field, index === 0 ? number : `{% ${field} %}`]));
}

function turned(cases: JsonObject[string] | undefined): JsonObject[] {
  const all = Array.isArray(cases) ? cases.map((each) => Object(each) as JsonObject) : [];
  return all.map((each) => ({
    ...each,
    when: String(each['when']).replace(/^\{% (.*) %\}$/s, '{% $not($1) %}'),
  }));
}

/** Behind a node, or beside it where that chooses what follows. */
function withNewNode(scope: Scope, behind: JsonObject): Scope {
  if (behind['type'] === 'conditional') return scope;
  const id = 'ask-inserted';
  const added = {
    id,
    type: 'llm_chat',
    output_key: behind['output_key'] ?? 'inserted',
    config: { prompt: 'What else? {{ $string(b) }}' },
  };
  const edges = (scope.edges ?? []).map((edge) =>
    edge['from'] === behind['id'] ? { ...edge, from: id } : edge,
  );
  return {
    nodes: [...scope.nodes, added],
    edges: [...edges, { from: String(behind['id']), to: id }],
  };
}

/** A node with one successor: what led to it leads there. */
function withoutNode({ nodes, edges = [] }: Scope, id: string): Scope {
  const onwards = edges.filter((edge) => edge['from'] === id).map((edge) => String(edge['to']));
  const [to] = onwards;
  if (to === undefined || onwards.length > 1) return { nodes, edges };
  const led = (way: JsonObject[string] | undefined) => (way === id ? to : (way ?? null));
  return {
    nodes: nodes
      .filter((node) => node['id'] !== id)
      .map((node) => (node['type'] === 'conditional' ? withWays(node, led) : node)),
    edges: edges.filter((edge) => edge['from'] !== id).map((edge) => ({ ...edge, to: led(edge['to']) })),
  };
}

function withWays(
  node: JsonObject,
  led: (way: JsonObject[string] | undefined) => JsonObject[string],
): JsonObject {
  const { cases, default: otherwise } = config(node);
  return withConfig(node, {
    cases: (Array.isArray(cases) ? cases : []).map((each) => ({
      ...Object(each),
      to: led(Object(each)['to']),
    })),
    default: led(otherwise),
  });
}
