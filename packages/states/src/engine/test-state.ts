import { randomUUID } from 'node:crypto';
import type { Stages } from '../language/data-flow.ts';
import { isArray, isObject, type Json, type JsonObject } from '../language/json.ts';
import { Payload } from '../language/payload.ts';
import { StateRuntimeError, StatesError } from '../language/states-error.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import type { MapInspection } from '../program/map-run.ts';
import type { Frame, Host, MapRunHost, Program, State } from '../program/program.ts';
import { advance } from '../run/advance.ts';
import { LiveRun } from '../run/run.ts';
import type { Engine } from './engine.ts';
import { FRESH } from './start-execution.ts';
import { enterTestedMap, type TestedMap } from './tested-map.ts';

/** A state to be run on its own. */
export interface TestedState {
  readonly state: State;
  readonly input: Payload;
  readonly role: string;
  readonly variables: JsonObject | undefined;
  /** Members of the context object that are not as they would be. */
  readonly context: JsonObject | undefined;
  /** What takes the place of the state's work: a result, or the error that it throws. */
  readonly mock: (() => Json) | undefined;
  /** Attempts that the retrier of the error has used. */
  readonly retries: number;
  /** Counts where the state is a Map. */
  readonly map: TestedMap;
}

/** What the state came to, and what it worked with on the way. */
export interface TestOutcome {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output: Payload | undefined;
  readonly next: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly catcher: number | undefined;
  readonly retrier: { readonly index: number; readonly seconds: number } | undefined;
  readonly seen: Seen;
  /** What a Map made of its items, as far as it came. */
  readonly map: MapInspection | undefined;
}

/** The data on its way through the state. */
export interface Seen extends Partial<Stages> {
  readonly argument: Json | undefined;
  readonly result: Json | undefined;
  readonly variables: Json | undefined;
}

/** TestState gives up after so long. */
const LONGEST_MS = 5 * 60_000;

/** Runs one state as an execution would that nobody keeps: the journal learns nothing of it. */
export function testState(engine: Engine, tested: TestedState): Promise<TestOutcome> {
  return new Promise((resolve) => {
    const test = new StateTest(engine, tested, (outcome) => {
      cancel();
      resolve(outcome);
    });
    // Time that passes only for this is no reason for a virtual clock to jump.
    const recurring = true;
    const cancel = engine.clock.at(engine.clock.now() + LONGEST_MS, () => test.timeOut(), { recurring });
    test.begin();
  });
}

class StateTest {
  readonly #tested: TestedState;
  readonly #run: LiveRun;
  readonly #frame: Frame;
  readonly #done: (outcome: TestOutcome) => void;
  #caughtBy: number | undefined;
  #mocked: StatesError | undefined;
  #result: Json | undefined;
  #map: MapInspection | undefined;
  #isOver = false;

  constructor(engine: Engine, tested: TestedState, done: (outcome: TestOutcome) => void) {
    this.#tested = tested;
    this.#done = done;
    const state = this.#prepared(tested.state);
    this.#run = new LiveRun(this.#host(engine), programOf(state), recordOf(engine, tested));
    this.#run.recordEvent('ExecutionStarted', { previous: 0 });
    const origin = { program: this.#run.program, parent: undefined, slot: 0, item: undefined };
    this.#frame = this.#run.spawn(origin, tested.input, 1);
    this.#frame.retries = state.retriers.map(() => tested.retries);
    this.#frame.assigned = tested.variables && Payload.of(tested.variables);
    this.#overlayContext(tested.context);
  }

  begin(): void {
    setImmediate(() => advance(this.#frame, 1));
  }

  timeOut(): void {
    this.#run.fail(new StatesError('States.Timeout', undefined), this.#run.lastEvent);
  }

  /** The state itself, whose catchers say that they were taken and whose mocked work is not done. */
  #prepared(state: State): State {
    const catchers = state.catchers.map((catcher, index) => ({
      ...catcher,
      conclude: (...args: Parameters<typeof catcher.conclude>) => {
        this.#caughtBy = index;
        return catcher.conclude(...args);
      },
    }));
    const isWhole = state.type === 'Map' || state.type === 'Parallel';
    if (!isWhole || !this.#tested.mock) return { ...state, catchers };
    const { inspector } = state.behaviour;
    const mock = (): Json => this.#mock();
    const seen = (inspection: MapInspection): void => {
      this.#map = inspection;
    };
    const enter = (frame: Frame) => {
      if (inspector) return enterTestedMap(frame, inspector, { given: this.#tested.map, seen, mock });
      frame.argument();
      return frame.conclude(mock());
    };
    return { ...state, catchers, behaviour: { enter } };
  }

  #mock(): Json {
    try {
      this.#result = this.#tested.mock?.() ?? null;
      return this.#result;
    } catch (error) {
      if (error instanceof StatesError) this.#mocked = error;
      throw error;
    }
  }

  #overlayContext(given: JsonObject | undefined): void {
    if (!given) return;
    const real = this.#frame.context.bind(this.#frame);
    this.#frame.context = (extra) => overlaid(real(extra), given);
  }

  #host(engine: Engine): Host {
    const { functions, objects, bus, items, apis, rights, account, region, random } = engine;
    const { clock, expressions, activities } = engine;
    return {
      ...{ functions, objects, bus, items, apis, rights, account, region, random },
      ...{ clock, expressions, activities },
      mock: this.#tested.mock && (() => this.#mock()),
      startExecution: (request) => engine.startExecution(request),
      findExecution: (id) => engine.findExecution(id),
      stopExecution: (id) => engine.stopExecution(id),
      enqueue: (frame) => this.#left(frame),
      changed: () => this.#watchRetry(),
      whenDurable: (callback) => void setImmediate(callback),
      ended: () => this.#ended(),
      mapRuns: NO_MAP_RUNS,
    };
  }

  /**
   * It goes on to another state, which is where the test ends: nothing else brings a frame back into line.
   */
  #left(frame: Frame): void {
    const status = this.#caughtBy === undefined ? 'SUCCEEDED' : 'CAUGHT_ERROR';
    this.#end({ status, output: frame.received, next: frame.state.name });
  }

  #ended(): void {
    const { status, output } = this.#run.record;
    this.#end({ status: status === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED', output });
  }

  #watchRetry(): void {
    if (this.#isOver || this.#frame?.phase.kind !== 'retrying') return;
    const { until } = this.#frame.phase;
    const seconds = (until - this.#run.host.clock.now()) / 1000;
    const index = this.#frame.retries.findIndex((used) => used > this.#tested.retries);
    setImmediate(() => this.#end({ status: 'RETRIABLE', retrier: { index, seconds } }));
  }

  #end(found: Pick<TestOutcome, 'status'> & Partial<TestOutcome>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#run.detach();
    const failed = found.status === 'SUCCEEDED' ? undefined : this.#failure();
    this.#done({
      output: undefined,
      next: undefined,
      retrier: undefined,
      catcher: this.#caughtBy,
      error: failed?.error,
      cause: failed?.cause,
      ...found,
      seen: this.#seen(),
      map: this.#map,
    });
  }

  /** The last error that the history names, or the mocked one where the state has no events for it. */
  #failure(): { error: string | undefined; cause: string | undefined } {
    const { error, cause } = this.#run.record;
    if (error !== undefined || cause !== undefined) return { error, cause };
    if (this.#mocked)
      return { error: this.#mocked.code ?? undefined, cause: this.#mocked.reason ?? undefined };
    const facts = this.#run.unsaved.events.findLast((event) => event.facts?.['error'] !== undefined)?.facts;
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
    return { error: text(facts?.['error']), cause: text(facts?.['cause']) };
  }

  /** What JSONPath fields made of the data; nothing where one of them is what failed. */
  #stages(result: Json | undefined): Partial<Stages> {
    const { variables, expressions } = this.#frame;
    const input = this.#tested.input.value;
    const scope = { input, variables, expressions, context: () => this.#frame.context() };
    try {
      return this.#tested.state.flow.stages?.(scope, result) ?? {};
    } catch (error) {
      if (error instanceof StateRuntimeError || error instanceof StatesError) return {};
      throw error;
    }
  }

  /** The data on its way through the state, as far as it came. */
  #seen(): Seen {
    const payloadOf = (...ends: readonly string[]): Json | undefined =>
      this.#run.unsaved.events.find(({ type }) => ends.some((end) => type.endsWith(end)))?.payload?.value;
    const result = payloadOf('TaskSucceeded', 'FunctionSucceeded', 'ActivitySucceeded') ?? this.#result;
    const argument = payloadOf('TaskScheduled', 'FunctionScheduled', 'ActivityScheduled');
    return { argument, result, variables: this.#frame.assigned?.value, ...this.#stages(result) };
  }
}

/** The state, and where it may go. */
function programOf(state: State): Program {
  const targets = [
    state.next,
    ...state.catchers.map(({ next }) => next),
    ...(state.behaviour.targets ?? []).map(({ name }) => name),
  ];
  const states = new Map(
    targets.flatMap((name) => (name === undefined ? [] : [[name, { ...state, name }] as const])),
  );
  return { startAt: state.name, states: states.set(state.name, state), timeoutSeconds: undefined };
}

function recordOf({ account, region, clock }: Engine, { input, role }: TestedState): ExecutionRecord {
  const name = randomUUID();
  const arn = (kind: string) => `arn:aws:states:${region}:${account}:${kind}`;
  return {
    id: 0,
    arn: arn(`execution:TestState:${name}`),
    name,
    machineArn: arn('stateMachine:TestState'),
    machineName: 'TestState',
    versionArn: undefined,
    aliasArn: undefined,
    revision: 0,
    roleArn: role,
    express: false,
    input,
    startedAt: clock.now(),
    program: '',
    parent: undefined,
    mapRun: undefined,
    place: undefined,
    ...FRESH,
  };
}

/** Objects member by member, all other values as given. */
function overlaid(real: Json, given: Json): Json {
  if (!isObject(real) || !isObject(given) || isArray(given)) return given;
  const members = Object.entries(given).map(([name, value]) => {
    const known = real[name];
    return [name, known === undefined ? value : overlaid(known, value)];
  });
  return { ...real, ...Object.fromEntries(members) };
}

function refuse(): never {
  throw new Error('a state under test starts no map run');
}

const NO_MAP_RUNS: MapRunHost = {
  open: refuse,
  resume: refuse,
  redrive: refuse,
  abort: refuse,
  childEnded: () => undefined,
  arnOf: refuse,
  idOf: refuse,
};
