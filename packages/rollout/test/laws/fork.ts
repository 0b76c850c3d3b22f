import type { Json, JsonObject } from '@statebag/contracts';
import { StatebagError } from '@statebag/contracts';
import { type Asked, law } from '@statebag/law';
import { defineNode } from '@statebag/node';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import { type Answers, type CallMade, runWorkflow, type TestRun } from '@statebag/testing';
import { leftBehind } from '@statebag/testing/left-behind';
import { readTested } from '@statebag/testing/read-tested';
import { arbitraryWorkflow } from '@statebag/workflow/testing';
import fc from 'fast-check';
import { type ForkSeen, forkOf } from '../forked.ts';
import { arbitraryEdit, type Edit, edited, everyNodeIn, inEveryScope } from './arbitrary-edit.ts';

/** A node of a project, whose effect the law answers. */
const LOOK = defineNode({
  type: 'law.look',
  config: { type: 'object', properties: { about: { type: 'string' } }, required: ['about'] } as const,
  effect: 'idempotent',
  run: () => null,
});

interface Pair {
  readonly document: JsonObject;
  readonly input: JsonObject;
  readonly edit: Edit;
  /** Whether the run fails where the edit mends it: calls of the edited node fail before. */
  readonly broken: boolean;
  /** Which segment the fork begins with at the latest, as a part of the whole; null where nobody says it. */
  readonly at: number | null;
}

const pairs: fc.Arbitrary<Pair> = fc
  .record({
    workflow: arbitraryWorkflow({ groups: true, waits: true, workers: true, maps: true }),
    edit: arbitraryEdit,
    broken: fc.boolean(),
    at: fc.option(fc.double({ min: 0, max: 0.999, noNaN: true }), { freq: 4 }),
  })
  .map(({ workflow: { document, input }, edit, broken, at }) => ({
    document: withOwnNodes(withItems(document)),
    input,
    edit,
    broken: broken && (edit.kind === 'prompt' || edit.kind === 'own'),
    at,
  }));

/**
 * A fork comes to what a fresh run of the edited workflow comes to with the same answers, and makes exactly the calls
 * that the run did not make: those of nodes that were edited, or are given something else because of it.
 */
export async function forksAreFresh(asked: Asked): Promise<string> {
  const seen = { made: 0, taken: 0, failed: 0 };
  const property = fc.asyncProperty(pairs, async ({ document, input, edit, broken, at }) => {
    const after = edited(document, edit);
    const answers = answersFor(after, document);
    const mended = changedNode(document, after);
    const failing = broken && mended !== null ? failingAt(mended, answers) : answers;
    const options = { input, nodes: [LOOK] };
    const set: JsonObject = edit.kind === 'set' ? { c: edit.number } : {};
    const fresh = await runWorkflow(after, { ...options, input: { ...input, ...set }, answers });
    const held = { fails: failing !== answers };
    const switched = switchedAnswers(failing, answers, held);
    await leftBehind(document, { ...options, answers: switched }, async (left) => {
      const recorded = left.run.calls.filter(({ node }) => !(held.fails && node === mended));
      seen.failed += left.run.status === 'FAILED' ? 1 : 0;
      held.fails = false;
      const { compiled: workflow } = await readTested(after, [LOOK]);
      const nodes = [...workflow.segments.values()].flatMap(({ flow }) => Object.keys(flow.nodes));
      const from = at === null || edit.kind === 'set' ? undefined : nodes[Math.floor(at * nodes.length)];
      const forked = await forkOf(left, { workflow, set, ...(from !== undefined && { at: from }) });
      requireSame(forked, fresh);
      requireOnlyNew(forked, { fresh, recorded });
      seen.made += forked.calls.length;
      seen.taken += fresh.calls.length - forked.calls.length;
    });
  });
  await law(property, asked);
  const { made, taken, failed } = seen;
  return `${made} calls made, ${taken} taken over; ${failed} forks of runs that failed`;
}

/** Questions of an item are about the item. */
function withItems(document: JsonObject): JsonObject {
  const ofItems = new Set(
    everyNodeIn(document)
      .filter(({ type }) => type === 'for_each')
      .flatMap((list) => everyNodeIn(Object(Object(list['config']).body)).map(({ id }) => id)),
  );
  return withNodes(document, (node) => {
    if (node['type'] !== 'llm_chat' || !ofItems.has(node['id'])) return node;
    const config = Object(node['config']);
    return { ...node, config: { ...config, prompt: `${config.prompt} {{ $item }}` } };
  });
}

/** Every third question is put by a node of the project. */
function withOwnNodes(document: JsonObject): JsonObject {
  return withNodes(document, (node) => {
    const config: JsonObject = Object(node['config']);
    if (node['type'] !== 'llm_chat' || config['async'] === true || numberOf(node) % 3 > 0) return node;
    return { ...node, type: LOOK.type, config: { about: config['prompt'] ?? '' } };
  });
}

function withNodes(document: JsonObject, change: (node: JsonObject) => JsonObject): JsonObject {
  return inEveryScope(document, (scope) => ({ ...scope, nodes: scope.nodes.map(change) }));
}

function numberOf(node: JsonObject): number {
  return Number(/\d+$/.exec(String(node['id']))?.[0] ?? 1);
}

/** Few different answers, so that another question may well be answered as before. */
function answersFor(...documents: readonly JsonObject[]): Answers {
  const nodes = documents.flatMap(everyNodeIn);
  return Object.fromEntries(
    nodes.map((node) => {
      const isJson = Object(node['config']).response_schema !== undefined;
      return [String(node['id']), ({ asked, item }: CallMade) => answerTo(asked, { isJson, item })] as const;
    }),
  );
}

function answerTo(asked: JsonObject, { isJson, item }: { isJson: boolean; item: string }): Json {
  const number = Number.parseInt(sha256Of(canonicalJson([asked, item])).slice(0, 8), 16) % 3;
  return isJson ? { verdict: number > 0 ? 'yes' : 'no', why: 'so', points: number + 1 } : `answer ${number}`;
}

/** The node that is another one after the edit. */
function changedNode(before: JsonObject, after: JsonObject): string | null {
  const texts = new Map(everyNodeIn(before).map((node) => [node['id'], JSON.stringify(node)]));
  const changed = everyNodeIn(after).filter((node) => texts.get(node['id']) !== JSON.stringify(node));
  const leaf = changed.find(
    (node) => Object(node['config']).body === undefined && !Object(node['config']).branches,
  );
  return leaf === undefined ? null : String(leaf['id']);
}

function failingAt(node: string, answers: Answers): Answers {
  const fail = () => {
    throw new StatebagError('Node.Failed', 'nobody knows');
  };
  return { ...answers, [node]: fail };
}

function switchedAnswers(failing: Answers, mended: Answers, held: { readonly fails: boolean }): Answers {
  return Object.fromEntries(
    Object.keys(mended).map((node) => [
      node,
      (call: CallMade) => {
        const answer = (held.fails ? failing : mended)[node] ?? null;
        return typeof answer === 'function' ? answer(call) : answer;
      },
    ]),
  );
}

function requireSame({ run }: ForkSeen, fresh: TestRun): void {
  const [forked, expected] = [run, fresh].map(({ status, error, state, output }) =>
    canonicalJson({ status, error: error?.name ?? null, ...(status === 'SUCCEEDED' && { state, output }) }),
  );
  if (forked === expected) return;
  throw new Error(`the fork came to ${forked} ${run.error?.message}, a fresh run to ${expected}`);
}

interface Runs {
  readonly fresh: TestRun;
  /** Calls that the run has answers of. */
  readonly recorded: readonly CallMade[];
}

function requireOnlyNew({ planned, run, calls }: ForkSeen, { fresh, recorded }: Runs): void {
  const before = new Set(recorded.map(callText));
  const made = calls.map(callText);
  const expected = fresh.calls.map(callText).filter((call) => !before.has(call));
  const more = made.filter((call) => !expected.includes(call));
  const fewer = expected.filter((call) => !made.includes(call));
  // branches that were ended by the failure of another one may have come as far as they like
  if (more.length > 0 || (fewer.length > 0 && run.status === 'SUCCEEDED'))
    throw new Error(`the fork makes ${more.join(', ')}, and does not make ${fewer.join(', ')}`);
  const untold = calls.filter(({ node }) => fateOf(node, planned) === 'taken over');
  if (untold.length > 0)
    throw new Error(`calls that the plan does not tell: ${untold.map(callText).join(', ')}`);
}

function callText({ node, loop, item, branch, asked }: CallMade): string {
  return canonicalJson([node, branch, loop, item, asked]);
}

/** What the plan says of the node, or of the one that it stands in. */
function fateOf(node: string, { definition, nodes }: ForkSeen['planned']): string {
  const standing = [...definition.segments.values()]
    .flatMap(({ flow }) => Object.values(flow.nodes))
    .find((each) => each.id === node || JSON.stringify(each.config).includes(`"id":"${node}"`));
  return nodes.find(({ node_id }) => node_id === standing?.id)?.fate ?? 'taken over';
}
