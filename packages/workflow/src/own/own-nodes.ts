import { StatebagError } from '@statebag/contracts';
import type { Node } from '@statebag/node';
import { type CheckConfig, configCheck } from './config-check.ts';

/** A node type that a project declares. */
export interface OwnNode extends Node {
  readonly check: CheckConfig;
  /** The folder of its module, for messages; null where it was given as a value. */
  readonly folder: string | null;
}

/** The node types of a project, by their names. */
export type OwnNodes = ReadonlyMap<string, OwnNode>;

/** Gives the node types of a deployment. */
export type OpenOwnNodes = () => Promise<OwnNodes>;

/** For deployments that have none. */
export const noNodes: OpenOwnNodes = async () => new Map();

/** Finds a type among those of a deployment. @throws `Node.Failed` where it is not among them */
export function foundIn(open: OpenOwnNodes): (type: string) => Promise<OwnNode> {
  return async (type) => {
    const nodes = await open();
    const found = nodes.get(type);
    if (found) return found;
    const known = [...nodes.keys()].join(', ') || 'none';
    throw new StatebagError(
      'Node.Failed',
      `this deployment has no node type ${type} of the project; it has ${known}`,
    );
  };
}

/** @throws `Contract.Misconfigured` where two have one name */
export function ownNodes(declared: readonly Node[], folder: string | null = null): OwnNodes {
  const nodes = new Map<string, OwnNode>();
  for (const node of declared) {
    if (nodes.has(node.type))
      throw new StatebagError('Contract.Misconfigured', `two nodes are declared as ${node.type}`);
    nodes.set(node.type, { ...node, check: configCheck(node.config), folder });
  }
  return nodes;
}

/** Whether a document was refused for a type that only a project can declare. */
export function usesOwnTypes(
  diagnostics: readonly { readonly code: string; readonly message: string }[],
): boolean {
  return diagnostics.some(({ code, message }) => code === 'unknown-type' && /^"[^"]*\./.test(message));
}

/** Types of a project have a point in their name; those of Statebag have none. */
export function isOwnType(type: unknown): type is string {
  return typeof type === 'string' && type.includes('.');
}
