import { scopedField } from '@statebag/workflow/analysis';
import { textOfShape } from '../expression/text-of-shape.ts';
import { bytesOf, joinAll, listOf, objectOf, type Shape, shapeOfValue, textShape } from '../shape/shape.ts';
import { answerShape } from './answer-shapes.ts';
import { reducedShape, withoutField } from './fields.ts';
import { eachItem, repeated, sideBySide } from './nested-rules.ts';
import { resolved, stored, written } from './resolved.ts';
import type { Rule, Work } from './sight.ts';

const nothing: Rule = ({ place: { fields, last } }) => ({ fields, last });

function configOf({ node, scope, walk }: Work, keys: readonly string[]): Shape {
  const members = keys.flatMap((key) => {
    const value = node.config[key];
    return value === undefined ? [] : [[key, resolved(value, scope, walk)] as const];
  });
  return objectOf(new Map(members));
}

function asking(keys: readonly string[]): Rule {
  return (work) => {
    const asked = configOf(work, keys);
    const answer = answerShape(work.node, work.walk.answers);
    return { ...stored(work, answer), asked, answer };
  };
}

const askModel: Rule = (work) => {
  const { node, walk, scope, place } = work;
  const asked = configOf(work, ['system', 'messages', 'prompt']);
  const answer = answerShape(node, walk.answers);
  const { append_to } = node.config;
  if (typeof append_to !== 'string') return { ...stored(work, answer), asked, answer };
  const own = asked.object?.members.get('prompt');
  const turns = [...(own ? [messageShape('user', own)] : []), messageShape('assistant', answer)];
  const given =
    own && node.config['messages'] === undefined
      ? null
      : resolved(node.config['messages'] ?? [], scope, walk);
  const field = scopedField(node.use?.writes ?? '', append_to);
  const added = listOf(turns.length, joinAll(turns), {
    cap: sum(turns.map((each) => bytesOf(each) + 1)) + 2,
  });
  const whole = Object.hasOwn(node.reducers, field) || !given ? added : reducedShape('append', given, added);
  return { ...stored({ ...work, place }, answer, [[append_to, whole]]), asked, answer };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function messageShape(role: string, content: Shape): Shape {
  const members = new Map([
    ['content', textShape(textOfShape(content))],
    ['role', shapeOfValue(role)],
  ]);
  return objectOf(members);
}

/** What is given and returned is up to its code: only a declaration bounds it. */
const ownNode: Rule = (work) => {
  const answer = answerShape(work.node, work.walk.answers);
  const { writes } = work.node.config;
  const fields = Array.isArray(writes) ? writes.map(String) : [];
  const asked = configOf(work, ['config']);
  if (fields.length === 0) return { ...stored(work, answer), asked, answer };
  const members = fields.map(
    (name) => [name, answer.object ? (answer.object.members.get(name) ?? answer) : answer] as const,
  );
  return { ...written(work, work.place.fields, members), asked, answer };
};

/** Where a use of a file begins or ends: its fields are gone, and what is given to it or back is written. */
const useOfFile: Rule = (work) => {
  const { node, scope, place, walk } = work;
  const { begins_with = {}, drops = [] } = node.use ?? {};
  const given = resolved(node.config['input'] ?? node.config['output'] ?? {}, scope, walk);
  const fields = drops.reduce(withoutField, place.fields);
  const begun = Object.entries(begins_with).map(([name, value]) => [name, shapeOfValue(value)] as const);
  return written(work, fields, [...begun, ...(given.object?.members ?? [])]);
};

/** What each type of node makes of the state. */
const RULES: Readonly<Record<string, Rule>> = {
  trigger: nothing,
  input: nothing,
  output: nothing,
  conditional: nothing,
  wait: nothing,
  data_transform: (work) =>
    stored(work, resolved(work.node.config['transform'] ?? null, work.scope, work.walk)),
  operator: (work) => {
    const set = resolved(work.node.config['set'] ?? {}, work.scope, work.walk);
    return written(work, work.place.fields, [...(set.object?.members ?? [])]);
  },
  aggregator: (work) =>
    work.node.config['combine'] === undefined
      ? nothing(work)
      : stored(work, resolved(work.node.config['combine'], work.scope, work.walk)),
  subgraph: useOfFile,
  llm_chat: askModel,
  api_call: asking(['url', 'headers', 'body']),
  lambda: asking(['payload']),
  human_approval: asking(['message']),
  for_each: eachItem,
  loop: repeated,
  parallel_group: sideBySide,
};

/** A type of the project is up to its code: only a declaration bounds what it gives. */
export const ruleOf = (type: string): Rule => RULES[type] ?? ownNode;

export const knowsType = (type: string): boolean => Object.hasOwn(RULES, type);
