import { bytes, KB } from './units.ts';

/**
 * AWS's own limits. Source: service quotas of Step Functions, Lambda and S3, read 2026-11; the local cloud enforces the same.
 */
export const AWS_LIMITS = {
  /** Input or output of a state, task or execution, in UTF-8 bytes. */
  transitionBytes: bytes(262_144),
  /** Events in one Standard execution; the last one is the failure. */
  historyEvents: 25_000,
  executionNameLength: 80,
  inlineMapConcurrency: 40,
  distributedMapConcurrency: 10_000,
  /** Synchronous Lambda request or response. */
  lambdaPayloadBytes: bytes(6 * KB * KB),
  lambdaEventBytes: bytes(KB * KB),
} as const;

/** Ours: what a state, a reply or a cause may take so that one of each together stays under AWS's limit (design promise 1). */
export const BUDGET = {
  /** A sealed bag. */
  bag: bytes(122_880),
  /** A sealed bag in front of an inline Map, whose iterations return pointers beside it. */
  bagBeforeMap: bytes(98_304),
  /** A segment result, callback answer or async answer. */
  result: bytes(65_536),
  /** The cause of an error, stack included. */
  cause: bytes(8_192),
  /** What one branch or map item leaves behind, whatever it produced. */
  branchPointer: bytes(512),
  /** Control fields of a bag. */
  controlPlane: bytes(4_096),
  /** A bag above this share of its budget is reported. */
  warningShare: 0.75,
} as const;

/** When a value leaves the bag, in exact bytes, and when a run leaves its execution. Each can be set per deployment. */
export const THRESHOLDS = {
  /** v3: all of `current_state` that stays inline, values and pointers together. */
  inlineState: bytes(12 * KB),
  /** v3: what one result carries inline. Above the largest field leaves first. */
  inlineDelta: bytes(12 * KB),
  /** v3: deltas beside a whole-state index fold into a new index above this. */
  overlay: bytes(12 * KB),
  /** v3: inline history is archived above this … */
  inlineHistory: bytes(8 * KB),
  /** … or above this many entries, until `inlineHistoryAfter` remains. */
  inlineHistoryEntries: 75,
  inlineHistoryAfter: bytes(4 * KB),
  /** Everywhere: a field above this is stored by itself. */
  field: bytes(30 * KB),
  /** Everywhere: what remains of a state above this is stored whole. */
  wholeState: bytes(100 * KB),
  /** A list of branch or item pointers above this is itself stored. */
  pointerList: bytes(30 * KB),
  /** v3 objects from this size are compressed where it pays. */
  compressFrom: bytes(4 * KB),
  /** Fields below this are packed together rather than stored one by one. */
  packField: bytes(4 * KB),
  /** A run goes on in a new execution from this many counted events, well before AWS's 25,000. */
  continueAsNewEvents: 20_000,
} as const;

/** How many examples of a long list stay in the bag. */
export const SAMPLES = { failedSegments: 5, chunkResults: 10, batchDetails: 5 } as const;

/** First generation (KB as that generation counts them). */
export const LEGACY_LIMITS = { fieldKb: 30, stateKb: 100, payloadKb: 200, historyEntries: 50 } as const;

/** Events that one plain segment adds to the history: two Task states of five events and one Choice of two. */
export const EVENTS_PER_SEGMENT = 12;
/** Events that one branch or inline map item adds: its iteration's two, two Task states of five, two Choices of two. */
export const EVENTS_PER_BRANCH = 16;
/** Events that one further try of a task adds. */
export const EVENTS_PER_RETRY = 3;

/** What the API takes and gives in one request. */
export const API_LIMITS = {
  bodyBytes: bytes(4 * KB * KB),
  /** An input above this travels as an upload: a start event may hold 256 KB, with everything else in it. */
  inlineInputBytes: bytes(200 * KB),
  /** Bytes of a run's output that are given inline. */
  outputBytes: bytes(512 * KB),
  listDefault: 20,
  listMost: 100,
  historyMost: 500,
  /** Seconds that a signed upload address is good for. */
  uploadSeconds: 900,
} as const;

/** The workflow document. */
export const WORKFLOW_LIMITS = { nodes: 500, edges: 1_000, nesting: 50, subgraphDepth: 10, branches: 200, inlineMapItems: 200, jsonDepth: 200 } as const;

/** Hydrator: tries for an object that does not have its hash, and both caches. */
export const HYDRATOR_LIMITS = {
  tries: 3,
  firstDelayMs: 500,
  backoffRate: 2,
  maxDelayMs: 8_000,
  concurrency: 16,
  stateCache: { items: 20, ttlMs: 300_000, bytes: bytes(50 * KB * KB), itemBytes: bytes(5 * KB * KB) },
  definitionCache: { items: 500, ttlMs: 300_000, bytes: bytes(20 * KB * KB), itemBytes: bytes(5 * KB * KB) },
} as const;
