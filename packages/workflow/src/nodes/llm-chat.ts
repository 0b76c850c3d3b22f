import type { JsonObject } from '@statebag/contracts';
import { ANSWER_BYTES } from '@statebag/contracts/limits';
import type { AsyncModelCall, ModelCall } from '@statebag/contracts/schemas/model-call';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { RecordedCall } from '../ledger/ledger.ts';
import { askModel, questionOf } from '../providers/ask-model.ts';
import { attachedFiles } from '../providers/attached-files.ts';
import { PROVIDER_NAMES } from '../providers/create-providers.ts';
import { FILE_FORMS } from '../providers/file-forms.ts';
import { answerPlace } from './answer-place.ts';
import type { ConfigOf, ConfigRules } from './config-rules.ts';
import { type Conversation, conversationOf, grownBy, type Said } from './conversation.ts';
import { defineNode, type HandOver, type NodeContext, type NodeOutcome, wrote } from './define-node.ts';
import { scopedField } from './field-scope.ts';
import { namedFiles } from './named-files.ts';
import { RETRY_RULE } from './retry.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
/** As long as a worker of its own may take. */
const LONGEST_TIMEOUT_MS = 840_000;
const DEFAULT_TRIES = 2;
const EXPECTED_MILLIS = 10_000;
/** The worker's own limit, and a minute to begin. */
const WORKER_SECONDS = 960;

const rules = {
  prompt: {
    kind: 'template',
    doc: 'What is asked. `{{ … }}` fills in values of the state. Give this, `messages`, or both: then the prompt comes last.',
  },
  messages: {
    kind: 'value',
    doc: 'A conversation: `{% … %}` that gives a list of `{ "role", "content" }`, or such a list with templates. Roles are `user`, `assistant` and, at the beginning, `system`.',
  },
  files: {
    kind: 'files',
    doc: 'Images and documents that go along with the prompt: uploads of the owner, named by fields. They are streamed to the provider and kept nowhere.',
  },
  append_to: {
    kind: 'field',
    doc: 'Field that takes the conversation with the prompt and the answer at its end. Where the field has the reducer `append`, they are added to it. Not with `async`: the invocation itself waits for the answer.',
  },
  system: { kind: 'template', doc: 'Standing instructions for the model.' },
  provider: { kind: 'provider', doc: 'Name of a provider of the deployment; `mock` if not given.' },
  model: { kind: 'text', doc: 'Name of the model; `default` if not given.' },
  temperature: { kind: 'number', least: 0, most: 2, doc: 'How freely the model chooses its words.' },
  max_tokens: { kind: 'integer', least: 1, most: 200_000, doc: 'Longest answer.' },
  response_schema: {
    kind: 'schema',
    doc: 'JSON Schema of the answer. An answer that does not obey it is asked for again.',
  },
  tries: {
    kind: 'integer',
    least: 1,
    most: 5,
    doc: 'How often an answer that does not obey the schema is asked for; 2 if not given.',
  },
  timeout_ms: {
    kind: 'integer',
    least: 100,
    most: LONGEST_TIMEOUT_MS,
    doc: 'Longest wait for one answer; 60,000 if not given, 840,000 where a worker of its own asks.',
  },
  max_bytes: {
    kind: 'integer',
    least: 1,
    most: ANSWER_BYTES.most,
    doc: 'Longest answer, as bytes on the wire; 10 MB if not given. A longer one is cut off and fails the node.',
  },
  expected_ms: {
    kind: 'integer',
    least: 1,
    doc: 'How long an answer usually takes, for planning; 10,000 if not given. Longer than a segment may take: as with `async`.',
  },
  retry: {
    ...RETRY_RULE,
    doc: `${RETRY_RULE.doc} Not where a worker of its own asks, which tries again by itself.`,
  },
  async: {
    kind: 'flag',
    doc: 'A worker of its own asks, and the run waits without anything else running. Inside of lists the answer is waited for as usual.',
  },
} as const satisfies ConfigRules;

/** Asks a language model. */
export const llmChat = defineNode({
  type: 'llm_chat',
  aliases: ['llm', 'ai_model', 'aimodel', 'aiModel'],
  doc: 'Asks a language model; the answer is stored in `output_key`, as text or, with a `response_schema`, as JSON that obeys it.',
  rules,
  output: 'required',
  outsideCall: true,
  cost: 'model',
  handsOver: {
    segment: 'async_llm',
    when: ({ async, append_to }, planned) =>
      append_to === undefined && (async === true || planned.expectedMillis() > planned.segmentMillis),
  },
  expectedMillis: ({ expected_ms }) => expected_ms ?? EXPECTED_MILLIS,
  writes: ({ append_to }) => (append_to === undefined ? [] : [append_to]),
  problems: ({ async, retry, prompt, messages, append_to, files, provider = 'mock' }) => [
    ...(files !== undefined && PROVIDER_NAMES.includes(provider) && !Object.hasOwn(FILE_FORMS, provider)
      ? [`the provider ${provider} takes no \`files\`; ${Object.keys(FILE_FORMS).join(', ')} do`]
      : []),
    ...(prompt === undefined && messages === undefined ? ['either `prompt` or `messages` is needed'] : []),
    ...(async === true && retry !== undefined
      ? ['`retry` does not go with `async`: the worker that asks tries again by itself']
      : []),
    ...(async === true && append_to !== undefined
      ? ['`append_to` does not go with `async`: the worker that asks writes the answer only']
      : []),
  ],
  run: async (context, config) => {
    const conversation = await conversationOf(context, config);
    const call = callOf(context, config, { ...conversation.said, ...(await filesOf(context, config)) });
    const answered = (result: JsonObject) => outcomeOf(context, config, { conversation, result });
    if (!context.node.hands_over) return answered(await askedHere(context, call));
    const found = await context.recorded(questionOf(call));
    return found.recorded ? answered(found.recorded.result) : handOver(context, call, found);
  },
});

type Config = ConfigOf<typeof rules>;

function callOf({ node }: NodeContext, config: Config, said: Said & Pick<ModelCall, 'files'>): ModelCall {
  const {
    provider = 'mock',
    model = 'default',
    tries = DEFAULT_TRIES,
    temperature,
    max_tokens,
    response_schema,
    max_bytes,
  } = config;
  const { timeout_ms = node.hands_over ? LONGEST_TIMEOUT_MS : DEFAULT_TIMEOUT_MS } = config;
  return {
    provider,
    model,
    tries,
    timeout_ms,
    ...said,
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { max_tokens }),
    ...(response_schema !== undefined && { response_schema }),
    ...(max_bytes !== undefined && { max_bytes }),
  };
}

async function filesOf(
  context: NodeContext,
  { files, provider = 'mock' }: Config,
): Promise<Pick<ModelCall, 'files'>> {
  if (files === undefined) return {};
  const attached = await attachedFiles(namedFiles(context, files), provider, context.openFile);
  return attached.length === 0 ? {} : { files: [...attached] };
}

interface Answered {
  readonly conversation: Conversation;
  readonly result: JsonObject;
}

/** Figures that are not the provider's are said to be none, in the history. */
function outcomeOf(
  { node }: NodeContext,
  { append_to }: Config,
  { conversation, result: { answer = null, usage_estimated } }: Answered,
): NodeOutcome {
  const outcome = wrote(node, answer, usage_estimated === true ? 'tokens estimated' : undefined);
  if (append_to === undefined || outcome.kind !== 'done') return outcome;
  const added = grownBy(conversation, answer);
  const adds = Object.hasOwn(node.reducers, scopedField(node.use?.writes ?? '', append_to));
  return {
    ...outcome,
    writes: { ...outcome.writes, [append_to]: adds ? [...added] : [...conversation.given, ...added] },
  };
}

function askedHere(
  { call, providers, timeLeft, openFile, spending: { spend, prices } }: NodeContext,
  question: ModelCall,
): Promise<JsonObject> {
  return call({
    input: questionOf(question),
    unsafe: false,
    perform: (key) => askModel(question, { providers, key, timeLeft, openFile, spend, prices }),
  });
}

function handOver(
  { node, spending: { limits } }: NodeContext,
  question: ModelCall,
  { key, place }: RecordedCall,
): HandOver {
  const { node_version, loop, item } = place;
  const call: AsyncModelCall = {
    schema_version: 1,
    ...question,
    node_version,
    loop,
    item,
    input_sha256: sha256Of(canonicalJson(questionOf(question))),
    ...(limits && { limits }),
  };
  return {
    kind: 'hand-over',
    status: 'PAUSED_FOR_ASYNC_LLM',
    wait_until: null,
    request: {
      kind: 'async_llm',
      ...answerPlace(node),
      ledger_key: key,
      call,
      timeout_seconds: WORKER_SECONDS,
    },
  };
}
