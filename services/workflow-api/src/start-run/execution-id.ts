import { createHash, randomBytes } from 'node:crypto';
import { type ExecutionId, executionId, type OwnerId, type WorkflowId } from '@statebag/contracts';
import { base32 } from '../http/base32.ts';

const LENGTH = 52;

/** The id of the run that a key of an owner stands for, for ever. */
export function keyedExecutionId(owner_id: OwnerId, workflow_id: WorkflowId, key: string): ExecutionId {
  const hash = createHash('sha256')
    .update(JSON.stringify([owner_id, workflow_id, key]))
    .digest();
  return executionId(base32(hash).slice(0, LENGTH));
}

/** An id that nobody has. */
export function freshExecutionId(): ExecutionId {
  return executionId(base32(randomBytes(32)).slice(0, LENGTH));
}
