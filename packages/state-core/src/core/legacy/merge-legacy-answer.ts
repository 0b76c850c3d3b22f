import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { PROGRESS_PREFIX } from '@statebag/contracts/control-fields';
import { escapeField, isFieldPointer } from '@statebag/contracts/pointers';
import { deepMerge } from './deep-merge.ts';
import type { LegacyState } from './join-legacy-branches.ts';

/** What an answer made of the state, and of the run. */
export interface LegacyAnswer {
  /** Fields that stand differently now. */
  readonly fields: JsonObject;
  /** What the run keeps as its last answer. */
  readonly response: Json;
  readonly status: 'CONTINUE' | 'FAILED';
  readonly error_info: Json;
}

/** Members of an answer that is only a text. */
const TEXT_MEMBERS = ['feedback', 'user_feedback', 'message', 'text'];

/**
 * Text is feedback: it becomes a message of the user and asks for a revision. Anything else is a decision and
 * is merged into the field
 * that the pause asked for, or into the state where it asked for none.
 */
export function mergeLegacyAnswer(state: LegacyState, answered: Json, field: string | null): LegacyAnswer {
  const text = feedbackOf(answered);
  if (text !== null) return going(revision(state, text, field), text);
  if (isAddressed(answered)) return addressed(answered);
  const value = isJsonObject(answered) ? answered : { raw_result: answered };
  const merged =
    field === null ? mergedFields(state, value) : { [field]: deepMerge(state.values[field], value) };
  return going({ ...escaped(merged), ...revised(state) }, value);
}

function feedbackOf(answered: Json): string | null {
  if (typeof answered === 'string') return answered;
  if (!isJsonObject(answered)) return null;
  const [only, ...others] = Object.entries(answered);
  return only && others.length === 0 && TEXT_MEMBERS.includes(only[0]) && typeof only[1] === 'string'
    ? only[1]
    : null;
}

function going(fields: JsonObject, response: Json): LegacyAnswer {
  return { fields, response, status: 'CONTINUE', error_info: null };
}

function revision({ values }: LegacyState, text: string, field: string | null): JsonObject {
  const messages = Array.isArray(values['messages']) ? values['messages'] : [];
  return {
    messages: [...messages, { role: 'user', content: text }],
    revision_requested: true,
    ...(field !== null && { [field]: { choice: 'revise', comment: text } }),
  };
}

/** A decision settles a revision that was asked for. */
function revised({ values }: LegacyState): JsonObject {
  return Object.hasOwn(values, 'revision_requested') ? { revision_requested: false } : {};
}

function mergedFields({ values }: LegacyState, value: JsonObject): JsonObject {
  refuseProgress(value);
  const merged = deepMerge(
    Object.fromEntries(
      Object.keys(value).flatMap((name) =>
        Object.hasOwn(values, name) ? [[name, values[name] ?? null]] : [],
      ),
    ),
    value,
  );
  return isJsonObject(merged) ? merged : value;
}

/** An answer is data: it does not say what a node has done. */
function refuseProgress(value: JsonObject): void {
  const field = Object.keys(value).find((name) => name.startsWith(PROGRESS_PREFIX));
  if (field !== undefined)
    throw new StatebagError(
      'Contract.EventRejected',
      `an answer may not write the field ${JSON.stringify(field)}, which keeps the progress of a node`,
    );
}

function escaped(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, escapeField(name, value)]));
}

type Addressed = JsonObject & { readonly field: string };

/** An answer of this generation's approvals: it says itself where it belongs. */
function isAddressed(answered: Json): answered is Addressed {
  return (
    isJsonObject(answered) &&
    isJsonObject(answered['result_id'] ?? null) &&
    typeof answered['field'] === 'string'
  );
}

function addressed({ field, value = null, pointer, status, error_info = null }: Addressed): LegacyAnswer {
  const standing = isFieldPointer(pointer) ? (pointer as Json) : escapeField(field, value); // a pointer is JSON
  return {
    fields: { [field]: standing },
    response: standing,
    status: status === 'FAILED' ? 'FAILED' : 'CONTINUE',
    error_info,
  };
}
