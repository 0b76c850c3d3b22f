import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import type { ConversationTurn, ModelCall } from '@statebag/contracts/schemas/model-call';
import type { NodeContext } from './define-node.ts';

/** What is said to a model: standing instructions, what was said before, and the prompt that ends it. */
export type Said = Pick<ModelCall, 'system' | 'earlier' | 'prompt'>;

/** A conversation as a node asks it, and as it is kept. */
export interface Conversation {
  readonly said: Said;
  /** The messages as they were given; the prompt of the node is not among them. */
  readonly given: readonly Json[];
  /** What the node itself adds. */
  readonly own: readonly JsonObject[];
}

/** Where the texts of a question stand in a config. */
interface Asked {
  readonly system?: string;
  readonly messages?: Json;
  readonly prompt?: string;
}

/** The conversation of a node. @throws `Node.Failed` for messages that are none */
export async function conversationOf({ evaluator }: NodeContext, asked: Asked): Promise<Conversation> {
  const given = await messagesOf(evaluator, asked.messages);
  const system = asked.system === undefined ? [] : [asText(await evaluator.resolve(asked.system))];
  const own = asked.prompt === undefined ? [] : [turn('user', asText(await evaluator.resolve(asked.prompt)))];
  return { said: saidBy([...given.map(messageAt), ...own], system), given, own };
}

/** What is kept of it once it is answered: the field as it was, the node's own prompt, and the answer. */
export function grownBy({ own }: Conversation, answer: Json): readonly JsonObject[] {
  return [...own, turn('assistant', asText(answer))];
}

async function messagesOf(
  evaluator: NodeContext['evaluator'],
  messages: Json | undefined,
): Promise<readonly Json[]> {
  if (messages === undefined) return [];
  if (typeof messages === 'string') return evaluator.list(messages, 'fail');
  const resolved = await evaluator.resolve(messages);
  return Array.isArray(resolved) ? resolved : [resolved];
}

interface Message {
  readonly role: 'system' | ConversationTurn['role'];
  readonly content: string;
}

const turn = (role: ConversationTurn['role'], content: string) => ({ role, content });

/** Members besides `role` and `content`, such as a time, are the owner's own and go nowhere. */
function messageAt(value: Json, index: number): Message {
  const { role, content } = isJsonObject(value) ? value : {};
  if (role !== 'system' && role !== 'user' && role !== 'assistant')
    throw refusal(index, `has no \`role\` of system, user or assistant`);
  if (typeof content !== 'string') throw refusal(index, 'has no text as its `content`');
  return { role, content };
}

/** Instructions come first: some services take them nowhere else. */
function saidBy(messages: readonly Message[], system: readonly string[]): Said {
  const begun = messages.findIndex(({ role }) => role !== 'system');
  const turns = begun === -1 ? [] : messages.slice(begun);
  const late = turns.findIndex(({ role }) => role === 'system');
  if (late !== -1) throw refusal(begun + late, 'is of the role system and stands behind others');
  const last = turns.at(-1);
  if (last?.role !== 'user')
    throw refusal(messages.length - 1, 'is not of the user, and there is no `prompt` to follow it');
  const instructions = [...system, ...messages.slice(0, begun).map(({ content }) => content)];
  const earlier = turns.slice(0, -1) as readonly ConversationTurn[]; // none is of the system
  return {
    prompt: last.content,
    ...(instructions.length > 0 && { system: instructions.join('\n\n') }),
    ...(earlier.length > 0 && { earlier: [...earlier] }),
  };
}

function refusal(index: number, what: string): StatebagError {
  const which = index < 0 ? 'the list of messages is empty' : `messages[${index}] ${what}`;
  return new StatebagError('Node.Failed', `${which}; a message is { "role": "user", "content": "…" }`);
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
