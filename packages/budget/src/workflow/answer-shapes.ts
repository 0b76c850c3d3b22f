import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { ANSWER_BYTES, AWS_LIMITS } from '@statebag/contracts/limits';
import type { CompiledNode } from '@statebag/workflow';
import { capped } from '../shape/meet.ts';
import { shapeOfSchema } from '../shape/schema-shape.ts';
import {
  anything,
  joinAll,
  type LooseEnd,
  maybe,
  NULL,
  objectOf,
  plainShape,
  type Shape,
  shapeOfValue,
  textOf,
  textShape,
  WIDEST_CHARACTER,
} from '../shape/shape.ts';

/** Schemas of what nodes store, by their ids: what their author says, nobody checks it when they run. */
export type DeclaredAnswers = Readonly<Record<string, JsonObject>>;

/** What comes back from outside of the workflow, by the type of the node. */
export function answerShape(node: CompiledNode, declared: DeclaredAnswers): Shape {
  const schema = Object.hasOwn(declared, node.id) ? declared[node.id] : undefined;
  if (schema !== undefined) return shapeOfSchema(schema, `answer of ${node.id}`);
  return ANSWERS[node.type]?.(node) ?? anything([undeclared(node, '')]);
}

const ANSWERS: Readonly<Record<string, (node: CompiledNode) => Shape>> = {
  llm_chat: modelAnswer,
  api_call: serviceAnswer,
  lambda: (node) => anything([undeclared(node, '')], AWS_LIMITS.lambdaPayloadBytes * GROWTH),
  human_approval: personsAnswer,
};

/** `1e20` has 4 bytes, and is kept with 21. */
const GROWTH = 6;

function undeclared({ id }: CompiledNode, at: string): LooseEnd {
  const mend = `give the schema of what it stores: --schema ${id}=<file>`;
  return { of: `answer of ${id}`, at, keyword: 'schema', mend };
}

/** The mock quotes at most three sentences of 240 characters behind some words of its own. */
const MOCK_CHARACTERS = 760;

function modelAnswer(node: CompiledNode): Shape {
  const { response_schema, max_bytes, provider = 'mock' } = node.config;
  const most = Number(max_bytes ?? ANSWER_BYTES.usual);
  if (isJsonObject(response_schema ?? null))
    return capped(shapeOfSchema(response_schema ?? {}, `answer of ${node.id}`), most * GROWTH);
  if (provider === 'mock') return textOf(MOCK_CHARACTERS);
  const mend = 'give a `response_schema` with `maxLength`, or `max_bytes`';
  const loose =
    max_bytes === undefined ? { of: `answer of ${node.id}`, at: '', keyword: 'max_bytes', mend } : null;
  return textShape({ chars: most, inner: most * WIDEST_CHARACTER, widest: WIDEST_CHARACTER, loose });
}

/** Node takes no more of headers. */
const HEADER_BYTES = 16_384;
const SERVICE_BYTES = 5_242_880;

function serviceAnswer(node: CompiledNode): Shape {
  const most = Number(node.config['max_bytes'] ?? SERVICE_BYTES);
  const value = textOf(HEADER_BYTES);
  const name = { chars: HEADER_BYTES, inner: HEADER_BYTES, widest: 1, loose: null };
  const others = { most: HEADER_BYTES, name, value, loose: null };
  const members = new Map([
    ['status', plainShape(3)],
    ['headers', objectOf(new Map(), { others, cap: HEADER_BYTES * GROWTH })],
    ['body', anything([undeclared(node, '/body')], most * GROWTH + 2)],
  ]);
  return objectOf(members);
}

const COMMENT_BYTES = 4_096;
const NAME_CHARACTERS = 256;
const TIME_CHARACTERS = '2026-01-01T00:00:00.000Z'.length;

function personsAnswer(node: CompiledNode): Shape {
  const { choices = ['approve', 'reject'] } = node.config;
  const words = Array.isArray(choices) ? choices : [];
  const members = new Map([
    ['choice', joinAll([NULL, ...words.map((word: Json) => shapeOfValue(word))])],
    ['comment', maybe(textOf(COMMENT_BYTES))],
    ['data', maybe(anything([undeclared(node, '/data')]))],
    ['by', joinAll([NULL, textOf(NAME_CHARACTERS)])],
    ['decided_at', textOf(TIME_CHARACTERS, 1)],
  ]);
  return objectOf(members);
}
