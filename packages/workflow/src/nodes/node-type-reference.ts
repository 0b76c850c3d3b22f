import type { ConfigRule, RuleKind } from './config-rules.ts';
import type { NodeDefinition, NodeExample } from './define-node.ts';
import { NODES } from './node-table.ts';

/** What there is to know about a node type, for pages and help texts. */
export interface NodeTypeReference {
  readonly type: string;
  readonly aliases: readonly string[];
  readonly doc: string;
  readonly example: NodeExample | null;
  readonly output: NodeDefinition['output'];
  readonly keys: readonly { readonly key: string; readonly holds: string; readonly doc: string }[];
}

/** Every node type with the rules of its config. */
export function nodeTypeReference(): readonly NodeTypeReference[] {
  return NODES.map(({ type, aliases, doc, example = null, output, rules }) => {
    const keys = Object.entries(rules).map(([key, rule]) => ({ key, holds: holdsText(rule), doc: rule.doc }));
    return { type, aliases, doc, example, output, keys };
  });
}

const HOLDS: Readonly<Record<RuleKind, string>> = {
  text: 'text',
  provider: 'name of a provider',
  template: 'text with `{{ … }}`, or a file',
  expression: '`{% … %}`',
  value: 'any JSON with expressions',
  values: 'object of values with expressions',
  integer: 'whole number',
  number: 'number',
  flag: 'true or false',
  choice: 'one of',
  field: 'name of a field',
  names: 'list of names',
  schema: 'JSON Schema',
  body: '`{ nodes, edges? }`',
  branches: 'list of branches',
  cases: 'list of ways',
  node: 'id of a node',
  words: 'list of',
  retry: '`{ attempts, interval_s?, backoff?, errors? }`',
  files: 'list of `{ file_from, media_type? }`',
  limits: 'an object of limits by nodes',
  budget: '`{ name, max_cost_usd?, max_tokens? }`',
};

function holdsText({ kind, required, of, least, most, fromFile }: ConfigRule): string {
  const range = least === undefined ? '' : ` from ${least}${most === undefined ? '' : ` to ${most}`}`;
  const words = of === undefined ? '' : ` ${of.map((word) => `\`${word}\``).join(', ')}`;
  const file = fromFile ? ' or `{ file }`' : '';
  return `${HOLDS[kind]}${file}${words}${range}${required ? ', required' : ''}`;
}
