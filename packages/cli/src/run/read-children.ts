import type { SFNClient } from '@aws-sdk/client-sfn';
import { NO_FACTS, type RunFacts, together, withEvent } from './facts.ts';
import { readHistory } from './follow.ts';

/** The facts of a run with those of every execution it started, to any depth. */
export async function withChildren(sfn: SFNClient, facts: RunFacts): Promise<RunFacts> {
  let all = facts;
  for (const executionArn of facts.children) {
    const history = await readHistory(sfn, executionArn);
    all = together(all, await withChildren(sfn, history.reduce(withEvent, NO_FACTS)));
  }
  return all;
}
