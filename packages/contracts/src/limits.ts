import { bytes, KB } from './units.ts';

/**
 * AWS's own limits. Source: service quotas of Step Functions, Lambda and S3, read 2026-11; the local cloud
 * enforces the same.
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

/**
 * Ours: what a state, a reply or a cause may take so that one of each together stays under AWS's limit
 * (design promise 1).
 */
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

/**
 * When a value leaves the bag, in exact bytes, when a run leaves its execution, and how many of its branches
 * work at once. Each can be set per deployment.
 */
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
  /** Fields up to this leave only where moving all larger ones is not enough. */
  packField: bytes(4 * KB),
  /**
   * What one invocation stores leaves as one pack; a value that takes more than this is an object of its
   * own.
   */
  packValue: bytes(KB * KB),
  /** v3: field pointers that together take more than this leave into an index. */
  indexFrom: bytes(2 * KB),
  /** A run goes on in a new execution from this many counted events, well before AWS's 25,000. */
  continueAsNewEvents: 20_000,
  /** Whatever a workflow says: as many as an inline Map has at once, or fewer where the account is small. */
  functionsAtOnce: AWS_LIMITS.inlineMapConcurrency,
} as const;

/** How many examples of a long list stay in the bag. */
export const SAMPLES = { failedSegments: 5, chunkResults: 10, batchDetails: 5 } as const;

/** First generation (KB as that generation counts them). */
export const LEGACY_LIMITS = { fieldKb: 30, stateKb: 100, payloadKb: 200, historyEntries: 50 } as const;

/**
 * Events that a result adds to the history whose merge has a state of its own: two Task states of five events
 * and one Choice of two.
 */
export const EVENTS_PER_SEGMENT = 12;
/** The same where one Task state runs the segment and merges its result. */
export const EVENTS_PER_TURN = 7;
/**
 * Events that one branch or inline map item adds: its iteration's two, one Task state of five, two Choices of
 * two.
 */
export const EVENTS_PER_BRANCH = 11;
/** Events that one further try of a task adds. */
export const EVENTS_PER_RETRY = 3;

/** How runs wait to begin, where the deployment's settings do not say it otherwise. */
export const START_QUEUE = {
  /**
   * Waiting runs that are begun in a second: what AWS gives an account in its largest regions (300), less 5 %
   * for what machines start themselves.
   */
  perSecond: 285,
  /** Runs of one owner that may wait. */
  waiting: 10_000,
  /** The most that a limit on an owner's open runs may be: their ids lie in one item. */
  mostOpenRuns: 500,
  mostPriority: 9,
  /** A step of priority is worth so much waiting, so that nobody waits for ever. */
  priorityStepMs: 60_000,
  /** An input above this waits as an upload: a run's record is in an index. */
  inlineInputBytes: bytes(KB),
  /** Seconds after which a start that was refused may be tried again. */
  retryAfterSeconds: 30,
} as const;

/** So many failed items of a list stand in its line of the history. */
export const MOST_FAILED_NAMED = 20;

/**
 * Partitions of the table `runs` over which is spread what all runs write to. One takes 1,000 writes a second
 * ("Partition key design" of the DynamoDB developer guide, read 2026-11). They may be raised, never lowered:
 * readers ask all of them.
 */
export const TABLE_SHARDS = {
  /** Ends of the runs of one generation: 5,000 a second fall on each with room for uneven hashes. */
  ends: 8,
  /** Approvals that are open, of all owners. */
  openApprovals: 4,
  /** Runs of an owner that the deployment calls large. */
  largeOwner: 16,
  /** What is counted of the starts of owners. */
  starts: 8,
} as const;

/** What the API takes and gives in one request. */
export const API_LIMITS = {
  bodyBytes: bytes(4 * KB * KB),
  /** An input above this travels as an upload: a start event may hold 256 KB, with everything else in it. */
  inlineInputBytes: bytes(200 * KB),
  /** Bytes of a run's output that are given inline. */
  outputBytes: bytes(512 * KB),
  listDefault: 20,
  listMost: 100,
  historyMost: 5_000,
  /** States in one answer about what a run did; an execution is never cut, and has 8,000 at most. */
  tracedStates: 5_000,
  /** A value that is asked for alone; of a larger one the beginning is given. */
  fieldBytes: bytes(4 * KB * KB),
  headBytes: bytes(4 * KB),
  /** Records of calls that one answer reads, and how much of them it may hold. */
  callsRead: 200,
  callsBytes: bytes(2 * KB * KB),
  /** Seconds that a signed upload address is good for. */
  uploadSeconds: 900,
} as const;

/**
 * A pack that would grow beyond this is followed by a second one, so that no request is too large to
 * repeat.
 */
export const PACK_BYTES = bytes(8 * KB * KB);

/**
 * When an index is written anew, the state is gathered that lies in more objects than this: of those with so
 * few bytes alive, so many together.
 */
export const GATHER = {
  objects: 32,
  aliveBytes: bytes(64 * KB),
  totalBytes: bytes(4 * KB * KB),
} as const;

/** What an answer of a model may take where its node does not say it, and the most that a node may say. */
export const ANSWER_BYTES = { usual: bytes(10 * KB * KB), most: bytes(50 * KB * KB) } as const;

/** The workflow document. */
export const WORKFLOW_LIMITS = {
  nodes: 500,
  edges: 1_000,
  nesting: 50,
  subgraphDepth: 10,
  branches: 200,
  inlineMapItems: 200,
  jsonDepth: 200,
  /** One file that a document names. */
  fileBytes: bytes(KB * KB),
} as const;

/** Hydrator: tries for an object that does not have its hash, and its caches. */
export const HYDRATOR_LIMITS = {
  tries: 3,
  firstDelayMs: 500,
  backoffRate: 2,
  maxDelayMs: 8_000,
  concurrency: 16,
  /** What the fields take that one invocation works with, as JSON. */
  fieldsTogether: bytes(128 * KB * KB),
  /** Two parts of a pack with no more than this between them are read by one request. */
  rangeGap: bytes(KB * KB),
  /** A pack up to this size is read whole with its index: its fields are wanted next. */
  wholePack: bytes(256 * KB),
  stateCache: { items: 2_000, ttlMs: 300_000, bytes: bytes(50 * KB * KB), itemBytes: bytes(5 * KB * KB) },
  packCache: { items: 200, ttlMs: 300_000, bytes: bytes(20 * KB * KB), itemBytes: bytes(256 * KB) },
  definitionCache: { items: 500, ttlMs: 300_000, bytes: bytes(20 * KB * KB), itemBytes: bytes(5 * KB * KB) },
} as const;
