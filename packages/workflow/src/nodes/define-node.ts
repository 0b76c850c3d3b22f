import type { Json, JsonObject } from '@statebag/contracts';
import type { Items } from '@statebag/contracts/schemas/history';
import type { PauseRequest } from '@statebag/contracts/schemas/pause-request';
import type { SegmentType } from '@statebag/contracts/statuses';
import type { Variables } from '../expressions/bounded-evaluation.ts';
import type { Evaluator } from '../expressions/create-evaluator.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { OutsideCall, RecordedCall } from '../ledger/ledger.ts';
import type { OwnNode } from '../own/own-nodes.ts';
import type { OpenFile } from '../providers/attached-files.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import type { Spending } from '../providers/spend-guard.ts';
import type { ReadSecret } from '../secrets/secret-references.ts';
import type { AnswerApproval, InvokeFunction } from './answers-outside.ts';
import type { ConfigOf, ConfigRule, ConfigRules, RuleKind } from './config-rules.ts';
import type { BranchFlow, CompiledNode, Flow } from './flow.ts';
import { furtherAttempts, retryOf, withRetry } from './retry.ts';

/** What a node made of its turn. */
export type NodeOutcome =
  /** Done: fields written whole; `goto` only from a condition. */
  | {
      readonly kind: 'done';
      readonly writes: JsonObject;
      readonly goto?: string;
      readonly summary?: string;
      /** Fields of the state that are gone before anything is written. */
      readonly drops?: readonly string[];
    }
  /** Out of time between two items: `item` is the next one, `progress` is given back when it goes on. */
  | {
      readonly kind: 'yield';
      readonly item: number;
      readonly progress: Json;
      /** Not before this time, in milliseconds since 1970; at once if not given. */
      readonly wait_until?: number;
    }
  /**
   * The state machine's turn: branches, a person, a model, many workers, or time. `wait_until` in
   * milliseconds since 1970.
   */
  | HandOver;

export interface HandOver {
  readonly kind: 'hand-over';
  readonly status: HandOverStatus;
  readonly wait_until: number | null;
  /** What the state machine has to arrange; null where status and time say it all. */
  readonly request: PauseRequest | null;
}

/** Statuses with which a segment leaves the next step to the state machine. */
export type HandOverStatus =
  | 'PARALLEL_GROUP'
  | 'PAUSED_FOR_HITP'
  | 'PAUSED_FOR_ASYNC_LLM'
  | 'MAP_REDUCE'
  | 'BATCHED'
  | 'WAITING';

/**
 * How a body runs: with what around it, and whether it works on the state itself or on a copy for an item.
 */
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
  readonly spending: Spending;
  readonly http: HttpClient;
  /** The value of a secret. It must go nowhere but into a request. */
  readonly secret: ReadSecret;
  /** Opens a file of the run's owner. */
  readonly openFile: OpenFile;
  /** Calls a Lambda function, where the deployment can. */
  readonly invoke: InvokeFunction | null;
  /** A node type of the project. @throws `Node.Failed` */
  readonly own: (type: string) => Promise<OwnNode>;
  /** Every field the node may see. */
  readonly view: () => JsonObject;
  /**
   * Makes an outside call through the ledger, or gives back what an earlier attempt recorded. Usage is
   * counted either way.
   */
  readonly call: (call: OutsideCall) => Promise<JsonObject>;
  /** Looks into the ledger without calling. What it finds is counted as if it had been called. */
  readonly recorded: (input: JsonObject) => Promise<RecordedCall>;
  /**
   * Runs nested nodes once and gives what they wrote; a loop's body writes into the state, an item's into its
   * own copy.
   */
  readonly runBody: (flow: Flow, run: BodyRun) => Promise<BodyResult>;
  /** Runs branches side by side on copies of the state and merges what they wrote, in their order. */
  readonly runBranches: (branches: readonly BranchFlow[]) => Promise<void>;
  /** An evaluator that sees the state as it is now, and over it what a body has written. */
  readonly evaluatorOver: (written: JsonObject, variables: Variables) => Evaluator;
  /** How the items of a list fared, for its line in the history. */
  readonly tellItems: (items: Items) => void;
  /** Where an earlier invocation stopped, and what it left; 0 and null at the first. */
  readonly resume: { readonly item: number; readonly progress: Json };
  /** True when work that takes this long should be left to the next invocation. */
  readonly isShortOf: (millis: number, item: number) => boolean;
  /** The given time, or what the invocation has left if that is less. */
  readonly timeLeft: (millis: number) => number;
  readonly clock: () => number;
  /** Whether it may stop half way and go on in the next invocation. */
  readonly mayYield: boolean;
  /** Lets time pass in this invocation. */
  readonly pause: (millis: number) => Promise<void>;
  /** When the segment was entered, in milliseconds since 1970: the same for every attempt. */
  readonly now: number;
  /** What a person answers at once; null where the run really has to wait. */
  readonly answer: AnswerApproval | null;
}

/** When a node leaves its work to the state machine, and what its segment is called then. */
export interface HandingOver<Config> {
  readonly segment: SegmentType;
  readonly when: (config: Config, planned: Planned) => boolean;
}

export interface Planned {
  /** How long the node is expected to take, bodies included. */
  readonly expectedMillis: () => number;
  /** How long a segment may take. */
  readonly segmentMillis: number;
}

/** How long a body is expected to take. */
export type OfBody = (flow: Flow) => number;

/** What a node costs, by the kind of work it is; `inside` is what its bodies cost and no more. */
export type CostKind = 'inside' | 'model' | 'call' | 'person' | 'time' | 'items' | 'turns';

/**
 * Everything there is to know about a node type. All other tables (schema, pages, partitioner, prices) are
 * made of it, so a type is named in its own module only.
 */
export interface NodeDefinition extends Shape {
  readonly aliases: readonly string[];
  readonly rules: ConfigRules;
  /** The kinds of its rules. */
  readonly kinds: ReadonlySet<RuleKind>;
  readonly outsideCall: boolean;
  readonly cost: CostKind;
  readonly marks: 'start' | 'end' | null;
  readonly problems: (config: JsonObject) => readonly string[];
  readonly expectedMillis: (config: JsonObject, ofBody: OfBody) => number;
  readonly writes: (config: JsonObject) => readonly string[];
  readonly mayWrite: (config: JsonObject) => readonly string[];
  readonly fields: (config: JsonObject) => readonly string[];
  readonly mostTurns: (
    config: JsonObject,
    planned: { readonly segmentMillis: number; ofBody: OfBody },
  ) => number;
  readonly handsOver: HandingOver<JsonObject> | null;
  readonly run: (context: NodeContext, config: JsonObject) => Promise<NodeOutcome>;
}

/** A whole workflow in YAML, what it is started with, and what comes out. */
export interface NodeExample {
  readonly workflow: string;
  readonly input: JsonObject;
  readonly output: JsonObject;
}

/** What a type says of itself that does not depend on its config. */
interface Shape {
  readonly type: string;
  /** What it is for, in one sentence. */
  readonly doc: string;
  /** A workflow that shows it, for pages; a test runs it. */
  readonly example?: NodeExample;
  /** Whether it stores a value in `output_key`. */
  readonly output: 'required' | 'optional' | 'none';
  /** It cannot go on before someone or something outside has acted, and so never stands in a list. */
  readonly pauses?: true;
  /** Its body runs once for each item of a list, on a copy of the state. */
  readonly eachItem?: true;
  /**
   * Its body works on the state itself, again and again. Where one invocation cannot run it, the body is laid
   * open beside the node, which then decides after each turn.
   */
  readonly opensUp?: true;
  /** What it sees is what it sends, so it sees exactly the fields it reads, whoever runs it. */
  readonly sendsView?: true;
  /** How deep nodes of this type may stand in each other, where that is limited. */
  readonly deepest?: number;
  /** The scope that can stand in its place, where it only wraps one; as it stands in the document. */
  readonly wraps?: (config: JsonObject) => Json;
}

/** A type as its module writes it; its functions see the config typed by its rules. */
interface Declaration<Rules extends ConfigRules> extends Shape {
  /** Older names, taken with a warning. */
  readonly aliases?: readonly string[];
  readonly rules: Rules;
  /** An outside call goes through the ledger and can be forced into a segment of its own. */
  readonly outsideCall?: boolean;
  /** `call` for an outside call and `inside` for anything else, if not given. */
  readonly cost?: CostKind;
  /** It does nothing, and marks where runs start or end; `fields` are those it declares. */
  readonly marks?: 'start' | 'end';
  readonly fields?: (config: ConfigOf<Rules>) => readonly string[];
  /** What is wrong with keys that are right each for itself. */
  readonly problems?: (config: ConfigOf<Rules>) => readonly string[];
  readonly expectedMillis?: (config: ConfigOf<Rules>, ofBody: OfBody) => number;
  /** Fields it surely writes, besides `output_key`. */
  readonly writes?: (config: ConfigOf<Rules>) => readonly string[];
  /** Fields it writes or not, as what is inside of it turns out. */
  readonly mayWrite?: (config: ConfigOf<Rules>) => readonly string[];
  /** How often a segment may run because of it; once if not given. */
  readonly mostTurns?: (
    config: ConfigOf<Rules>,
    planned: { readonly segmentMillis: number; readonly ofBody: OfBody },
  ) => number;
  readonly handsOver?: HandingOver<ConfigOf<Rules>>;
  readonly run: (context: NodeContext, config: ConfigOf<Rules>) => Promise<NodeOutcome>;
}

const INSTANT = 10;
const none = () => [];

/** Declares a node type. */
export function defineNode<const Rules extends ConfigRules>(declaration: Declaration<Rules>): NodeDefinition {
  const {
    aliases = [],
    outsideCall = false,
    cost = outsideCall ? 'call' : 'inside',
    marks = null,
    problems = none,
    writes = none,
    mayWrite = none,
    fields = none,
    expectedMillis = () => INSTANT,
    mostTurns = () => 1,
    handsOver,
    run,
    ...shape
  } = declaration;
  // checked against the same rules before it was compiled
  const typed = (config: JsonObject) => config as ConfigOf<Rules>;
  return {
    ...shape,
    kinds: new Set(Object.values<ConfigRule>(shape.rules).map(({ kind }) => kind)),
    aliases,
    outsideCall,
    cost,
    marks,
    problems: (config) => problems(typed(config)),
    writes: (config) => writes(typed(config)),
    mayWrite: (config) => mayWrite(typed(config)),
    fields: (config) => fields(typed(config)),
    expectedMillis: (config, ofBody) => expectedMillis(typed(config), ofBody),
    mostTurns: (config, planned) => mostTurns(typed(config), planned) + furtherAttempts(config),
    handsOver: handsOver
      ? { segment: handsOver.segment, when: (config, planned) => handsOver.when(typed(config), planned) }
      : null,
    run: (context, config) => withRetry(context, retryOf(config), () => run(context, typed(config))),
  };
}

/** A node that is over at once and wrote one value, or nothing where it has no `output_key`. */
export function wrote(node: CompiledNode, value: Json, summary?: string): NodeOutcome {
  return {
    kind: 'done',
    writes: node.output_key === null ? {} : { [node.output_key]: value },
    ...(summary !== undefined && { summary }),
  };
}
