import type { GraphEdge, GraphScope } from './graph.ts';

interface AslScope {
  readonly StartAt?: string;
  readonly States?: Readonly<Record<string, AslState>>;
}

interface AslState {
  readonly Type?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next?: string }[];
  readonly Catch?: readonly { readonly Next?: string }[];
  readonly Branches?: readonly AslScope[];
  readonly ItemProcessor?: AslScope;
  readonly Iterator?: AslScope;
}

/** The graph of any state machine; branches and iterations lie inside their states. */
export function graphOfAsl({ States = {} }: AslScope): GraphScope {
  const states = Object.entries(States);
  return {
    nodes: states.map(([id, state]) => {
      const inside = insideOf(state);
      return { id, type: state.Type ?? 'State', ...(inside && { inside }) };
    }),
    edges: states.flatMap(([id, state]) => waysOf(id, state)),
  };
}

function waysOf(from: string, { Next, Default, Choices = [], Catch = [] }: AslState): GraphEdge[] {
  const ways: GraphEdge[] = [
    ...(Next === undefined ? [] : [{ from, to: Next }]),
    ...Choices.flatMap(({ Next: to }) => (to === undefined ? [] : [{ from, to }])),
    ...(Default === undefined ? [] : [{ from, to: Default, label: 'default' }]),
    ...Catch.flatMap(({ Next: to }) => (to === undefined ? [] : [{ from, to, label: 'catch' }])),
  ];
  // several choices may lead to one state
  return [...new Map(ways.map((way) => [`${way.to} ${way.label ?? ''}`, way])).values()];
}

function insideOf({ Branches = [], ItemProcessor, Iterator: items }: AslState): GraphScope | undefined {
  const scopes = [...Branches, ...(ItemProcessor ? [ItemProcessor] : []), ...(items ? [items] : [])].map(
    graphOfAsl,
  );
  if (scopes.length === 0) return undefined;
  return { nodes: scopes.flatMap(({ nodes }) => nodes), edges: scopes.flatMap(({ edges }) => edges) };
}
