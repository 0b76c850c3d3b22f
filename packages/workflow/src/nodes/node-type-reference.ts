import type { ConfigRule, RuleKind } from '../document/config-rules.ts';
import type { NodeDefinition } from './define-node.ts';
import { NODES } from './node-table.ts';
import { NODE_TYPES, type NodeType, TYPE_ALIASES } from './node-types.ts';

/** What there is to know about a node type, for pages and help texts. */
export interface NodeTypeReference {
  readonly type: NodeType;
  readonly aliases: readonly string[];
  readonly doc: string;
  readonly output: NodeDefinition['output'];
  readonly keys: readonly { readonly key: string; readonly holds: string; readonly doc: string }[];
}

/** Every node type with the rules of its config. */
export function nodeTypeReference(): readonly NodeTypeReference[] {
  return NODE_TYPES.map((type) => {
    const { doc, output, rules } = NODES[type];
    const keys = Object.entries(rules).map(([key, rule]) => ({ key, holds: holdsText(rule), doc: rule.doc }));
    return {
      type,
      aliases: Object.keys(TYPE_ALIASES).filter((alias) => TYPE_ALIASES[alias] === type),
      doc,
      output,
      keys,
    };
  });
}

const HOLDS: Readonly<Record<RuleKind, string>> = {
  text: 'text',
  template: 'text with `{{ … }}`, or a file',
  expression: '`{% … %}`',
  value: 'any JSON with expressions',
  values: 'object of values with expressions',
  integer: 'whole number',
  number: 'number',
  flag: 'true or false',
  choice: 'one of',
  names: 'list of names',
  schema: 'JSON Schema',
  body: '`{ nodes, edges? }`',
  branches: 'list of branches',
  cases: 'list of ways',
  node: 'id of a node',
};

function holdsText({ kind, required, of, least, most }: ConfigRule): string {
  const range = least === undefined ? '' : ` from ${least}${most === undefined ? '' : ` to ${most}`}`;
  const words = of === undefined ? '' : ` ${of.map((word) => `\`${word}\``).join(', ')}`;
  return `${HOLDS[kind]}${words}${range}${required ? ', required' : ''}`;
}
