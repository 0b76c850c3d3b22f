import type { JsonObject } from '@statebag/contracts';
import { virtualClock } from '@statebag/local-cloud/testing';
import { canonicalJson } from '@statebag/state-core';
import fc from 'fast-check';
import { type AppOptions, DeployedTestApp, type EndedRun } from '../deployed-app.ts';
import { FAULT_WORKFLOW } from '../fault-workflow.ts';

type Between = NonNullable<AppOptions['between']>;
type Reply = Awaited<ReturnType<Between>>;

const MAY_PASS = 'Store.Unavailable';
const FINAL = 'Store.AccessDenied';

/**
 * Law: whichever single Lambda call of a run fails, the run ends as it would have, or FAILED with that
 * reason; never SUCCEEDED with something missing.
 */
export async function prove({ count, seed }: { count: number; seed: number }): Promise<string> {
  const world = await FaultWorld.open();
  try {
    const { calls, state } = await world.undisturbed();
    const picked =
      count >= calls
        ? Array.from({ length: calls }, (_, call) => call)
        : fc.sample(fc.nat(calls - 1), { numRuns: count, seed });
    for (const call of picked) {
      await world.endsAsIfNothing(call, state);
      await world.failsWithTheReason(call);
    }
    return `${picked.length} of ${calls} calls failed, once each and for good`;
  } finally {
    await world.close();
  }
}

/** Which call of the run is to fail, and how many there were. */
interface Fault {
  calls: number;
  call: number;
  error: string;
}

class FaultWorld {
  readonly #app: DeployedTestApp;
  readonly #fault: Fault;

  private constructor(app: DeployedTestApp, fault: Fault) {
    this.#app = app;
    this.#fault = fault;
  }

  static async open(): Promise<FaultWorld> {
    const fault: Fault = { calls: 0, call: -1, error: '' };
    const between: Between = async (invocation, invoke) => {
      // An event is only taken in: its function's own failure is a matter of that function's destination.
      if (invocation.invocationType === 'Event') return invoke(invocation);
      return fault.calls++ === fault.call ? failure(fault.error) : invoke(invocation);
    };
    return new FaultWorld(
      await DeployedTestApp.open({ between, approves: true, clock: virtualClock() }),
      fault,
    );
  }

  async undisturbed(): Promise<{ calls: number; state: JsonObject }> {
    const run = await this.#runWith(-1, '');
    return { calls: this.#fault.calls, state: await this.#app.state(run) };
  }

  async endsAsIfNothing(call: number, expected: JsonObject): Promise<void> {
    const run = await this.#runWith(call, MAY_PASS);
    const state = run.envelope ? canonicalJson(await this.#app.state(run)) : '';
    if (run.status !== 'SUCCEEDED' || state !== canonicalJson(expected))
      throw new Error(
        `with call ${call} failing once, the run ended ${run.status} ${run.error} ${run.cause} ${state}`,
      );
  }

  async failsWithTheReason(call: number): Promise<void> {
    const { status, error, cause } = await this.#runWith(call, FINAL);
    if (status !== 'FAILED' || !`${error} ${cause}`.includes(FINAL))
      throw new Error(`with call ${call} failing for good, the run ended ${status} ${error} ${cause}`);
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  #runWith(call: number, error: string): Promise<EndedRun> {
    Object.assign(this.#fault, { calls: 0, call, error });
    return this.#app.run(FAULT_WORKFLOW);
  }
}

function failure(errorType: string): Reply {
  const payload = JSON.stringify({ errorType, errorMessage: 'injected', trace: [] });
  return { statusCode: 200, requestId: 'test', executedVersion: '1', payload, functionError: 'Unhandled' };
}
