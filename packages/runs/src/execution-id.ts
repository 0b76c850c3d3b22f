import { createHash, randomBytes } from 'node:crypto';
import {
  type ExecutionId,
  executionId,
  type OwnerId,
  type WorkflowId,
  workflowId,
} from '@statebag/contracts/ids';

/** Characters of an id that nobody reads. */
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

/** Readable, sortable by time, and unlikely to meet another: `ticket-triage-mf3k2x1a-7q4d`. */
export function readableExecutionId(name: string): ExecutionId {
  const time = Date.now().toString(36);
  const random = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return executionId(`${workflowIdOf(name).slice(0, 40)}-${time}-${random}`);
}

/** A workflow's name in the grammar of ids. */
export function workflowIdOf(name: string): WorkflowId {
  const id = name
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return workflowId(id === '' ? 'workflow' : id);
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * Bytes as text of letters and digits only (RFC 4648, lower case, no padding): fits the grammar of ids and of
 * execution names.
 */
export function base32(bytes: Uint8Array): string {
  let [text, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(value << (5 - bits)) & 31];
}
