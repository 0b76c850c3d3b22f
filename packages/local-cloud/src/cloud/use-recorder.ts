import { appendFileSync } from 'node:fs';
import type { Asked, Statement } from '../iam/policy.ts';
import type { RolePrincipal } from './rights.ts';

/** A statement of a role that has allowed a call. */
export interface UsedRight {
  readonly role: string;
  /** The place of the statement in its policy, from 0. */
  readonly statement: number;
  /** As the statement writes it: `s3:GetObject`. */
  readonly action: string;
  /** The place among the resources of the statement; -1 where it names none. */
  readonly resource: number;
}

/** Writes what allowed the calls of roles to a file, one JSON line each, every one once. Without a file, nothing. */
export function openUseRecorder(file: string): (role: RolePrincipal, asked: Asked, by: Statement) => void {
  if (file === '') return () => {};
  const seen = new Set<string>();
  return ({ arn }, asked, by) => {
    const { action, resource } = by.part(asked);
    const used: UsedRight = { role: arn.split('/').at(-1) ?? '', statement: by.place, action, resource };
    const line = `${JSON.stringify(used)}\n`;
    if (!seen.has(line)) appendFileSync(file, line);
    seen.add(line);
  };
}
