import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import type { ConfigRules, RuleKind } from './config-rules.ts';
import type { BranchFlow, Flow } from './flow.ts';
import { definitionOf } from './node-table.ts';

/** A node of a document or a compiled one: what its config holds is told by the rules of its type. */
interface Configured {
  readonly type: string;
  readonly config: JsonObject;
}

type Branch<Nested> = { readonly id: string; readonly optional: boolean; readonly flow: Nested };

/**
 * A node's config with what stands for its bodies and branches changed; in a document they are scopes, once
 * compiled flows.
 */
export function mapNested<From extends Json, To extends Json>(
  { type, config }: Configured,
  change: (nested: From) => To,
): JsonObject {
  const { rules } = definitionOf({ type });
  return mapConfig(config, rules, (kind, value) => {
    if (kind === 'body') return change(value as From); // checked to be a scope, or compiled from one
    if (kind !== 'branches') return value;
    const branches = value as unknown as readonly Branch<From>[]; // the same of each branch
    return branches.map((branch) => ({ ...branch, flow: change(branch.flow) }));
  });
}

function mapConfig(
  config: JsonObject,
  rules: ConfigRules,
  change: (kind: RuleKind | undefined, value: Json) => Json,
): JsonObject {
  const members = Object.entries(config).map(([key, value]) => [key, change(rules[key]?.kind, value)]);
  return Object.fromEntries(members);
}

/** The flows inside of a compiled node: its body, or its branches. */
export function nestedFlows(node: Configured): readonly Flow[] {
  const flows: Flow[] = [];
  mapNested<Flow, Flow>(node, (flow) => {
    flows.push(flow);
    return flow;
  });
  return flows;
}

/** Whether the node starts branches, each a flow that is split into segments of its own. */
export function hasBranches(node: Pick<Configured, 'type'>): boolean {
  return definitionOf(node).kinds.has('branches');
}

/** The branches of a compiled node. */
export function branchesOf({ type, config }: Configured): readonly BranchFlow[] {
  const { rules } = definitionOf({ type });
  return Object.entries(config).flatMap(([key, value]) =>
    // compiled from checked branches
    rules[key]?.kind === 'branches' ? (value as unknown as readonly BranchFlow[]) : [],
  );
}

/** Config without branches: what they do is their segments' business. */
export function withoutBranches({ type, config }: Configured): JsonObject {
  const { rules } = definitionOf({ type });
  return Object.fromEntries(Object.entries(config).filter(([key]) => rules[key]?.kind !== 'branches'));
}

/** Whether the node says itself which node is next. */
export function choosesItsWay(node: Pick<Configured, 'type'>): boolean {
  const { kinds } = definitionOf(node);
  return kinds.has('cases') || kinds.has('node');
}

/** Where a node may lead by its config, and where in the config that is said. */
export function waysIn({ type, config }: Configured): readonly Way[] {
  const { rules } = definitionOf({ type });
  return Object.entries(rules).flatMap(([key, { kind }]): readonly Way[] => {
    const value = config[key];
    if (kind === 'node') return wayTo(value, [key]);
    if (kind !== 'cases' || !Array.isArray(value)) return [];
    return value.flatMap((way, index) => (isJsonObject(way) ? wayTo(way['to'], [key, index, 'to']) : []));
  });
}

export interface Way {
  readonly to: string;
  readonly at: readonly (string | number)[];
}

function wayTo(to: Json | undefined, at: Way['at']): readonly Way[] {
  return typeof to === 'string' ? [{ to, at }] : [];
}

/** A node's config with every way leading where `enter` says. */
export function mapWays({ type, config }: Configured, enter: (id: NodeId) => NodeId): JsonObject {
  const { rules } = definitionOf({ type });
  // ways were checked to be nodes
  const entered = (to: Json | undefined): Json =>
    typeof to === 'string' ? enter(to as NodeId) : (to ?? null);
  return mapConfig(config, rules, (kind, value) => {
    if (kind === 'node') return entered(value);
    if (kind !== 'cases' || !Array.isArray(value)) return value;
    return value.map((way) => (isJsonObject(way) ? { ...way, to: entered(way['to']) } : way));
  });
}
