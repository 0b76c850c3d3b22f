import { randomUUID } from 'node:crypto';
import type { Frame } from './frame.ts';

/** Where a token leads. */
export interface TokenAddress {
  readonly execution: number;
  readonly frame: number;
}

/** A token that nobody can guess and that leads to its task without a look-up. */
export function newTaskToken(frame: Frame): string {
  return Buffer.from(JSON.stringify([frame.run.record.id, frame.id, randomUUID()])).toString('base64url');
}

/** Undefined: no token of this engine. */
export function addressOf(token: string): TokenAddress | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const [execution, frame, secret]: unknown[] = Array.isArray(parts) ? parts : [];
    return typeof execution === 'number' && typeof frame === 'number' && typeof secret === 'string' ? { execution, frame } : undefined;
  } catch {
    return undefined; // a text that was never a token
  }
}
