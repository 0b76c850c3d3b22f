import { isDeepStrictEqual } from 'node:util';
import type { CallMade } from './answers.ts';
import type { FixtureRun } from './from-fixture.ts';
import type { TestRun } from './run-workflow.ts';

/** What Jest and Vitest want of a matcher; `message` says what was expected and what there was. */
export interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The run ended well. */
export function succeeded({ status, error }: TestRun): Matched {
  const why = error === null ? '' : `: ${error.node ?? 'it'} failed with ${error.name}: ${error.message}`;
  return { pass: status === 'SUCCEEDED', message: () => `the run ended with ${status}${why}` };
}

/** The run went through these nodes in this order, whatever it did between them. */
export function tookPath({ path }: TestRun, nodes: readonly string[]): Matched {
  let from = 0;
  const absent = nodes.find((node) => {
    const at = path.indexOf(node, from);
    from = at + 1;
    return at < 0;
  });
  return {
    pass: absent === undefined,
    message: () =>
      `expected ${nodes.join(' → ')}${absent === undefined ? '' : `, and ${absent} is not there`}; the run took ${path.join(' → ')}`,
  };
}

/** The node called outside so many times, or at least once; with what, where `asked` is given. */
export function called(
  { calls }: TestRun,
  node: string,
  { times, asked }: { readonly times?: number; readonly asked?: Partial<CallMade['asked']> } = {},
): Matched {
  const made = calls.filter((call) => call.node === node && hasAll(call.asked, asked ?? {}));
  return {
    pass: times === undefined ? made.length > 0 : made.length === times,
    message: () =>
      `expected ${times ?? 'some'} calls of ${node}, and there were ${made.length}; all calls: ${JSON.stringify(calls)}`,
  };
}

function hasAll(asked: CallMade['asked'], wanted: Partial<CallMade['asked']>): boolean {
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(asked[key], value));
}

/** No input or output of a state took more than so many bytes. */
export function stayedUnder({ largest }: TestRun, bytes: number): Matched {
  return {
    pass: largest.bytes <= bytes,
    message: () =>
      `the largest transition took ${largest.bytes} bytes, at ${largest.state}; the most was ${bytes}`,
  };
}

/** The run of a fixture went as the recorded one: the same end, and the same nodes in the same order. */
export function asRecorded({ status, error, path, recorded }: FixtureRun): Matched {
  const ended = error === null ? status : error.name;
  const before = recorded.error ?? recorded.status;
  const at = Math.max(path.length, recorded.path.length);
  const parts = Array.from({ length: at }, (_, index) => index).find(
    (index) => path[index] !== recorded.path[index],
  );
  return {
    pass: ended === before && parts === undefined,
    message: () =>
      parts === undefined
        ? `the run ended with ${ended}, the recorded one with ${before}`
        : `node ${parts + 1} of the way is ${path[parts] ?? 'none'}, and was ${recorded.path[parts] ?? 'none'}: the run took ${path.join(' → ')}`,
  };
}

/** Extends expect of Jest and Vitest. */
export const matchers = {
  toHaveSucceeded: succeeded,
  toHaveTakenPath: tookPath,
  toHaveCalled: called,
  toHaveStayedUnder: stayedUnder,
  toHaveRunAsRecorded: asRecorded,
};

/** For `node:test` and everybody else. @throws what the matcher says, where it does not hold */
export function mustHold({ pass, message }: Matched): void {
  if (!pass) throw new Error(message());
}
