import { CALLER_ERRORS } from './errors/caller-errors.ts';
import { NODE_ERRORS } from './errors/node-errors.ts';
import { STATE_ERRORS } from './errors/state-errors.ts';

/**
 * Every failure raised on purpose. The key is the name that ASL matches in ErrorEquals; the value drives its
 * Retry.
 */
export const ERRORS = { ...STATE_ERRORS, ...NODE_ERRORS, ...CALLER_ERRORS } as const;

export type ErrorCode = keyof typeof ERRORS;
