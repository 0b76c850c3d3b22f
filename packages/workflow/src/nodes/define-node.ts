import type { Json, JsonObject, PauseRequest } from '@statebag/contracts';
import type { CompiledNode, Flow } from '../compile/flow.ts';
import type { BranchFlow, ConfigOf, ConfigRules } from '../document/config-rules.ts';
import type { Evaluator, Variables } from '../expressions/create-evaluator.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { OutsideCall, RecordedCall } from '../ledger/ledger.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import type { NodeType } from './node-types.ts';

/** What a node made of its turn. */
export type NodeOutcome =
  /** Done: fields written whole; `goto` only from a condition. */
  | { readonly kind: 'done'; readonly writes: JsonObject; readonly goto?: string; readonly summary?: string }
  /** Out of time between two items: `item` is the next one, `progress` is given back when it goes on. */
  | { readonly kind: 'yield'; readonly item: number; readonly progress: Json }
  /** The state machine's turn: branches, a person, a model, many workers, or time. `wait_until` in milliseconds since 1970. */
  | HandOver;

export interface HandOver {
  readonly kind: 'hand-over';
  readonly status: HandOverStatus;
  readonly wait_until: number | null;
  /** What the state machine has to arrange; null where status and time say it all. */
  readonly request: PauseRequest | null;
}

/** Statuses with which a segment leaves the next step to the state machine. */
export type HandOverStatus = 'PARALLEL_GROUP' | 'PAUSED_FOR_HITP' | 'PAUSED_FOR_ASYNC_LLM' | 'MAP_REDUCE' | 'BATCHED' | 'WAITING';

/** How a body runs: with what around it, and whether it works on the state itself or on a copy for one item. */
export interface BodyRun {
  readonly variables: Variables;
  readonly step: { readonly loop: number } | { readonly item: number };
}

/** What a body left: the fields it wrote, and the value written last. */
export interface BodyResult {
  readonly written: JsonObject;
  readonly last: Json;
}

/** What a node has at hand while it runs. */
export interface NodeContext {
  readonly node: CompiledNode;
  /** Iterations of the loops around it (`2.0`), empty outside of loops. */
  readonly loop: string;
  readonly evaluator: Evaluator;
  readonly providers: LlmProviders;
  readonly http: HttpClient;
  /** Calls a Lambda function, where the deployment can. */
  readonly invoke: InvokeFunction | null;
  /** Every field the node may see. */
  readonly view: () => JsonObject;
  /** Makes an outside call through the ledger, or gives back what an earlier attempt recorded. Usage is counted either way. */
  readonly call: (call: OutsideCall) => Promise<JsonObject>;
  /** Looks into the ledger without calling. What it finds is counted as if it had been called. */
  readonly recorded: (input: JsonObject) => Promise<RecordedCall>;
  /** Runs nested nodes once and gives what they wrote; a loop's body writes into the state, an item's into its own copy. */
  readonly runBody: (flow: Flow, run: BodyRun) => Promise<BodyResult>;
  /** Runs branches side by side on copies of the state and merges what they wrote, in their order. */
  readonly runBranches: (branches: readonly BranchFlow[]) => Promise<void>;
  /** An evaluator that sees the state as it is now, and over it what a body has written. */
  readonly evaluatorOver: (written: JsonObject, variables: Variables) => Evaluator;
  /** Where an earlier invocation stopped, and what it left; 0 and null at the first. */
  readonly resume: { readonly item: number; readonly progress: Json };
  /** True when work that takes this long should be left to the next invocation. */
  readonly isShortOf: (millis: number) => boolean;
  /** The given time, or what the invocation has left if that is less. */
  readonly timeLeft: (millis: number) => number;
  readonly clock: () => number;
  /** When the segment was entered, in milliseconds since 1970: the same for every attempt. */
  readonly now: number;
  /** What a person answers at once; null where the run really has to wait. */
  readonly answer: AnswerApproval | null;
}

/** A person's decision, for runs that do not wait. */
export type AnswerApproval = (nodeId: string) => Json;

/** Calls a Lambda function and gives its reply. @throws a retryable error where trying again may help */
export type InvokeFunction = (call: {
  readonly function_arn: string;
  readonly event: Json;
  readonly timeout_ms: number;
  readonly idempotency_key: string;
}) => Promise<Json>;

/** One node type: what its config may hold, what it does, and what it costs. */
export interface NodeDefinition {
  readonly type: NodeType;
  /** What it is for, in one sentence. */
  readonly doc: string;
  readonly rules: ConfigRules;
  /** What is wrong with keys that are right each for itself. */
  readonly problems: (config: JsonObject) => readonly string[];
  /** Whether it stores a value in `output_key`. */
  readonly output: 'required' | 'optional' | 'none';
  /** An outside call goes through the ledger and can be forced into a segment of its own. */
  readonly outsideCall: boolean;
  readonly expectedMillis: (config: JsonObject, ofBody: (flow: Flow) => number) => number;
  /** Fields it writes besides `output_key`. */
  readonly writes: (config: JsonObject) => readonly string[];
  readonly run: (context: NodeContext, config: JsonObject) => Promise<NodeOutcome>;
}

interface Declaration<Rules extends ConfigRules> {
  readonly type: NodeType;
  readonly doc: string;
  readonly rules: Rules;
  readonly problems?: (config: ConfigOf<Rules>) => readonly string[];
  readonly output: NodeDefinition['output'];
  readonly outsideCall?: boolean;
  readonly expectedMillis?: (config: ConfigOf<Rules>, ofBody: (flow: Flow) => number) => number;
  readonly writes?: (config: ConfigOf<Rules>) => readonly string[];
  readonly run: (context: NodeContext, config: ConfigOf<Rules>) => Promise<NodeOutcome>;
}

const INSTANT = 10;

/** Declares a node type. Its functions see the config typed by its rules. */
export function defineNode<const Rules extends ConfigRules>(declaration: Declaration<Rules>): NodeDefinition {
  const { expectedMillis = () => INSTANT, writes = () => [], problems = () => [], run, outsideCall = false, ...rest } = declaration;
  const typed = (config: JsonObject) => config as ConfigOf<Rules>; // checked against the same rules before it was compiled
  return {
    ...rest,
    outsideCall,
    problems: (config) => problems(typed(config)),
    expectedMillis: (config, ofBody) => expectedMillis(typed(config), ofBody),
    writes: (config) => writes(typed(config)),
    run: (context, config) => run(context, typed(config)),
  };
}

/** A node that is over at once and wrote one value, or nothing where it has no `output_key`. */
export function wrote(node: CompiledNode, value: Json, summary?: string): NodeOutcome {
  return { kind: 'done', writes: node.output_key === null ? {} : { [node.output_key]: value }, ...(summary !== undefined && { summary }) };
}

/** Where the answer to a pause of this node goes. */
export function answerPlace({ id, output_key, reducers }: CompiledNode): Pick<PauseRequest, 'node_id' | 'field' | 'reducer'> {
  const field = output_key ?? id;
  const reducer = Object.hasOwn(reducers, field) ? reducers[field] : undefined;
  return { node_id: id, field, ...(reducer !== undefined && { reducer }) };
}
