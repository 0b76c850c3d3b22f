/**
 * The types of `@statebag/testing` as they are published: the sources name types of packages that are not. A type test
 * holds both against each other (published-types.test.ts).
 */

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/** A call of a node to the outside, as a test sees it. */
export interface CallMade {
  readonly node: string;
  readonly kind: 'model' | 'http' | 'function' | 'node';
  /** Turns of the loops around it (`2.0`), its place in lists, and its branch; empty where there is none. */
  readonly loop: string;
  readonly item: string;
  readonly branch: string;
  /** What goes out: prompt and model, method and URL, function and event, config and state. */
  readonly asked: JsonObject;
}

/** By node: a value that answers each of its calls, or a function of the call. One that throws is a service that fails. */
export type Answers = Readonly<Record<string, Json | ((call: CallMade) => Json | Promise<Json>)>>;

/** A question of the run to a person. */
export interface AskedPerson {
  readonly node: string;
  readonly message: string;
  readonly choices: readonly string[];
  readonly branch: string;
  /** How many results of its branch were applied before it asked: it tells two questions of a loop. */
  readonly loop_counter: number;
}

/** A choice, or all that a person says; null: nobody answers, so the deadline decides. */
export type PersonsAnswer =
  | string
  | { readonly choice: string; readonly comment?: string | undefined; readonly data?: Json | undefined }
  | null;

/** Who decides: a choice for each node, or a function of the question. */
export type Approve =
  | Readonly<Record<string, PersonsAnswer>>
  | ((question: AskedPerson) => PersonsAnswer | Promise<PersonsAnswer>);

/** A workflow: the path of its file, its address, or the document itself. */
export type TestedDocument = string | URL | JsonObject;

/** A node type that `defineNode` of `@statebag/node` declared. */
export interface DeclaredNode {
  readonly type: string;
  readonly doc: string;
  readonly version: string;
}

/** Node types of the project: the folder of their modules, or the declarations themselves. */
export type TestedNodes = string | URL | readonly DeclaredNode[];

/** What a test gives a workflow. */
export interface TestOptions {
  readonly input?: JsonObject;
  readonly answers?: Answers;
  readonly approve?: Approve;
  /** When the run begins, `2026-01-01T00:00:00.000Z` if not given. Waits and deadlines take no time. */
  readonly clock?: string | Date;
  readonly nodes?: TestedNodes;
  /** Values of secrets by their names. One that is not given has its name as its value. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Uploads of the owner, by the names that the workflow has for them. */
  readonly uploads?: Readonly<Record<string, string | Uint8Array>>;
}

/** A line of the history of a run. */
export interface HistoryLine {
  readonly id: string;
  readonly segment_id: string;
  readonly node_id: string;
  readonly type: string;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly attempt: number;
}

/** What became of a run. */
export interface TestRun {
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** The fields that `output` nodes name, else the whole state; null where the run failed. */
  readonly output: JsonObject | null;
  /** Every field as the run left it. */
  readonly state: JsonObject;
  readonly error: { readonly name: string; readonly message: string; readonly node: string | null } | null;
  /** The nodes that ran, in their order; one in a loop as often as it ran. Nodes inside of lists are not told. */
  readonly path: readonly string[];
  /** Calls to the outside that were really made. */
  readonly calls: readonly CallMade[];
  readonly history: readonly HistoryLine[];
  readonly transitions: number;
  readonly segments: readonly string[];
  readonly largest: { readonly bytes: number; readonly state: string };
  /** How long it took in its own time, in milliseconds. */
  readonly took: number;
}

/**
 * Runs a workflow on the real state machines, segment runner and sync core, in this process: nothing listens, nothing
 * outside is called, no time passes.
 * @throws where the document or the input is not valid, or where the run asks what the test gives no answer for
 */
export function runWorkflow(document: TestedDocument, options?: TestOptions): Promise<TestRun>;

/** What a test of a fixture may give. */
export interface FixtureOptions {
  /** The workflow as it is now; without it the one that the run had. */
  readonly workflow?: TestedDocument;
  readonly nodes?: TestedNodes;
}

/** A run that was made from a fixture, beside the recorded one. */
export interface FixtureRun extends TestRun {
  readonly recorded: {
    readonly status: 'SUCCEEDED' | 'FAILED';
    readonly error: string | null;
    readonly path: readonly string[];
    readonly failed: { readonly node: string; readonly error: string; readonly message: string } | null;
  };
}

/** Runs again what `statebag replay <run> --record <file>` has recorded. */
export function fromFixture(at: string | URL, options?: FixtureOptions): Promise<FixtureRun>;

/** What Jest and Vitest want of a matcher; `message` says what was expected and what there was. */
export interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The run ended well. */
export function succeeded(run: TestRun): Matched;
/** The run went through these nodes in this order, whatever it did between them. */
export function tookPath(run: TestRun, nodes: readonly string[]): Matched;
/** The node called outside so many times, or at least once; with what, where `asked` is given. */
export function called(
  run: TestRun,
  node: string,
  wanted?: { readonly times?: number; readonly asked?: Partial<JsonObject> },
): Matched;
/** No input or output of a state took more than so many bytes. */
export function stayedUnder(run: TestRun, bytes: number): Matched;
/** The run of a fixture went as the recorded one: the same end, and the same nodes in the same order. */
export function asRecorded(run: FixtureRun): Matched;

/** Extends expect of Jest and Vitest. */
export const matchers: {
  readonly toHaveSucceeded: typeof succeeded;
  readonly toHaveTakenPath: typeof tookPath;
  readonly toHaveCalled: typeof called;
  readonly toHaveStayedUnder: typeof stayedUnder;
  readonly toHaveRunAsRecorded: typeof asRecorded;
};

/** For `node:test` and everybody else. @throws what the matcher says, where it does not hold */
export function mustHold(matched: Matched): void;
