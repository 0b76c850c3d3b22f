import { appendFileSync } from 'node:fs';
import type { Asked, Principal } from '../iam/policy.ts';

/** A right that a role made use of. */
export interface UsedRight {
  readonly role: string;
  /** Who had taken the role on: the name of a function, or of an execution. */
  readonly session: string;
  /** As a policy names it: `s3:GetObject`. */
  readonly action: string;
  /** As a policy names it. */
  readonly resource: string;
}

/**
 * Writes the rights that roles use to a file, one JSON line each, every one once. Without a file nothing is
 * recorded.
 */
export function openUseRecorder(file: string): (principal: Principal, asked: Asked) => void {
  if (file === '') return () => {};
  const seen = new Set<string>();
  return (principal, { action, resource }) => {
    if (principal.kind !== 'role') return;
    const { arn, session } = principal;
    const used: UsedRight = { role: arn.split('/').at(-1) ?? '', session, action, resource };
    const line = `${JSON.stringify(used)}\n`;
    if (!seen.has(line)) appendFileSync(file, line);
    seen.add(line);
  };
}
