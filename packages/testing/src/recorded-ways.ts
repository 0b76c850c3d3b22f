import { StatebagError } from '@statebag/contracts';
import { ERRORS, type ErrorCode } from '@statebag/contracts/errors';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import type { Outside } from '@statebag/steps';
import type { AnsweredWays, CallMade } from './answers.ts';
import type { AskedPerson, PersonsAnswer } from './approvals.ts';
import type { Fixture, Recorded, RecordedCall, RecordedDecision } from './fixture.ts';

/** What answers the calls of a run from a fixture, by the place of each call: whatever it asks. */
export interface RecordedWays extends AnsweredWays, Required<Pick<Outside, 'instead'>> {}

export function recordedWays({
  calls: recorded,
  recorded: { failed },
}: Pick<Fixture, 'calls' | 'recorded'>): RecordedWays {
  const known = new Map(recorded.map((call) => [placeText(call), call]));
  const calls: CallMade[] = [];
  const missing: CallMade[] = [];
  return {
    calls,
    missing,
    answeredNodes: (nodes) => nodes,
    onCall: () => {},
    providers: unreached,
    http: unreached,
    invoke: unreached,
    async instead({ place: { node_id, loop, item }, branch_path, input }) {
      const place = { node: String(node_id), loop, item, branch: branch_path };
      const call = known.get(placeText(place)) ?? failureAt(place.node, failed);
      const made: CallMade = { kind: call?.kind ?? 'node', ...place, asked: input };
      calls.push(made);
      if (call === undefined) missing.push(made);
      else if (call.result !== undefined) return { result: call.result, usage: call.usage ?? NO_USAGE };
      throw new StatebagError(codeOf(call?.error), call?.message ?? 'the fixture has no answer for it');
    },
  };
}

/** What failed the run, and left nothing else in its ledger. */
function failureAt(node: string, failed: Recorded['failed']): Partial<RecordedCall> | undefined {
  return failed?.node === node ? { error: failed.error, message: failed.message } : undefined;
}

function placeText({
  node,
  branch,
  loop,
  item,
}: Pick<CallMade, 'node' | 'branch' | 'loop' | 'item'>): string {
  return JSON.stringify([node, branch, loop, item]);
}

function codeOf(error: string | undefined): ErrorCode {
  return error !== undefined && Object.hasOwn(ERRORS, error) ? (error as ErrorCode) : 'Node.Failed'; // it was looked up
}

function unreached(): Promise<never> {
  return Promise.reject(new Error('a fixture reaches nothing outside'));
}

/** Decides as it was decided: on the same turn, else in the order in which the node asked there. */
export function recordedPeople(
  decisions: readonly RecordedDecision[],
): (question: AskedPerson) => PersonsAnswer {
  const left = [...decisions];
  return ({ node, branch, loop_counter }) => {
    const here = left.filter((each) => each.node === node && each.branch === branch);
    const said = here.find((each) => each.loop_counter === loop_counter) ?? here[0];
    if (said === undefined) throw new Error(`the fixture has no decision for the question of ${node}`);
    left.splice(left.indexOf(said), 1);
    const { choice, comment, data } = said;
    return choice === null
      ? null
      : { choice, ...(comment !== undefined && { comment }), ...(data !== undefined && { data }) };
  };
}
