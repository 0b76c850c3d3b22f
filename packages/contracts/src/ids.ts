import { StatebagError } from './statebag-error.ts';
import type { Brand } from './units.ts';

export type OwnerId = Brand<string, 'OwnerId'>;
export type WorkflowId = Brand<string, 'WorkflowId'>;
export type ExecutionId = Brand<string, 'ExecutionId'>;
export type SegmentId = Brand<string, 'SegmentId'>;
export type NodeId = Brand<string, 'NodeId'>;
/** SHA-256 (hex) of canonical document, compiler version and effective limits. */
export type DefinitionId = Brand<string, 'DefinitionId'>;
/** Dotted branch and item indices (`0.3`), empty at the root of a run; a longer path is its hash. */
export type BranchPath = Brand<string, 'BranchPath'>;

/**
 * The grammar of every id that becomes part of an object key. It has no slash, so an id cannot climb out of
 * its prefix.
 */
export const ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$';
export const BRANCH_PATH_PATTERN = '^(|[0-9]+(\\.[0-9]+)*|h[0-9a-f]{64})$';
export const BRANCH_PATH_MAX_BYTES = 256;

const ID = new RegExp(ID_PATTERN);

/** True for text of the id grammar. Two dots in a row are refused as well: no tool may read them as "up". */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text) && !text.includes('..');
}

function parseId<Id extends Brand<string, string>>(what: string) {
  return (text: unknown): Id => {
    if (isId(text)) return text as Id; // the grammar was checked: this is where text becomes an id
    throw new StatebagError(
      'Contract.EventRejected',
      `${what} ${JSON.stringify(text)} is not an id: ${ID_PATTERN}, without ".."`,
    );
  };
}

export const ownerId = parseId<OwnerId>('owner_id');
export const workflowId = parseId<WorkflowId>('workflow_id');
export const executionId = parseId<ExecutionId>('execution_id');
export const segmentId = parseId<SegmentId>('segment_id');
export const nodeId = parseId<NodeId>('node id');
export const definitionId = parseId<DefinitionId>('definition_id');
