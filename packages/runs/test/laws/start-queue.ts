import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { type Asked, law } from '@statebag/law';
import fc from 'fast-check';
import { StartingWorld } from '../queue/starting-world.ts';

/** What is done next: a start, an end, a dispatcher; each may die at one of its calls, before it or after it. */
interface Act {
  readonly what: 'start' | 'end' | 'dispatch';
  readonly owner: string;
  /** The call at which it dies. */
  readonly dies: number | undefined;
  readonly answered: boolean;
  /** The service throttles so many starts. */
  readonly throttled: number;
}

interface Case {
  readonly limits: Readonly<Record<string, { open_runs?: number; priority: number }>>;
  readonly acts: readonly Act[];
}

const OWNERS = ['ada', 'bob', 'cyd'];

const anyCase: fc.Arbitrary<Case> = fc.record({
  limits: fc.record(
    Object.fromEntries(
      OWNERS.map((owner) => [
        owner,
        fc.record(
          { open_runs: fc.integer({ min: 1, max: 2 }), priority: fc.nat(2) },
          { requiredKeys: ['priority'] },
        ),
      ]),
    ),
  ),
  acts: fc.array(
    fc.record({
      what: fc.constantFrom<Act['what']>('start', 'start', 'start', 'end', 'dispatch'),
      owner: fc.constantFrom(...OWNERS),
      dies: fc.option(fc.nat(24), { nil: undefined, freq: 2 }),
      answered: fc.boolean(),
      throttled: fc.constantFrom(0, 0, 1, 3),
    }),
    { minLength: 3, maxLength: 14 },
  ),
});

/**
 * Law: whatever owners, limits and priorities, and wherever starters and dispatchers die, a run that was
 * accepted begins, once; no owner has more open runs than its limit; and in the end nothing is counted that
 * does not wait.
 */
export async function acceptedRunsBeginOnce(asked: Asked): Promise<void> {
  const world = await StartingWorld.open();
  try {
    let cases = 0;
    await law(
      fc.asyncProperty(anyCase, async (drawn) => {
        cases += 1;
        await new Play(world, drawn, `c${cases}`).run();
      }),
      asked,
    );
  } finally {
    await world.close();
  }
}

/** One case: owners and runs of its own in a world that others use after it. */
class Play {
  readonly #world: StartingWorld;
  readonly #case: Case;
  readonly #prefix: string;
  readonly #accepted: { owner: string; id: string }[] = [];
  readonly #ownerOf = new Map<string, string>();
  readonly #ended = new Set<string>();

  constructor(world: StartingWorld, drawn: Case, prefix: string) {
    this.#world = world;
    this.#case = drawn;
    this.#prefix = prefix;
    const owners = Object.entries(drawn.limits).map(([owner, limits]) => [this.#owner(owner), limits]);
    world.settings = { owners: Object.fromEntries(owners) };
    world.queue = world.starter();
    world.begun.length = 0;
  }

  async run(): Promise<void> {
    for (const [n, act] of this.#case.acts.entries()) await this.#act(act, `${this.#prefix}-${n}`);
    await this.#drain();
    for (const { id } of this.#accepted) await this.#requireBegun(id);
    for (const owner of OWNERS) {
      const waiting = await this.#world.waiting(this.#owner(owner));
      if (waiting !== 0) throw new Error(`${waiting} runs of ${owner} are counted and none waits`);
    }
  }

  #owner(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  async #act({ what, owner: name, dies, answered, throttled }: Act, id: string): Promise<void> {
    const owner = this.#owner(name);
    this.#faults({ dies, answered, throttled });
    try {
      if (what === 'start') await this.#start(owner, id);
      else if (what === 'end') await this.#endOne(owner);
      else await this.#world.dispatch();
    } catch (error) {
      if (!isDead(error)) throw error;
      await this.#world.clock.pause(61_000); // until the lease of the dead one has run out
      if (what === 'start') this.#world.queue = this.#world.starter();
    } finally {
      this.#faults({ dies: undefined, answered: false, throttled: 0 });
    }
    this.#requireLimits();
  }

  /** A process that has died makes no further call. */
  #faults({ dies, answered, throttled }: Pick<Act, 'dies' | 'answered' | 'throttled'>): void {
    let [calls, left] = [0, throttled];
    const die = (at: number) => {
      if (dies !== undefined && at > dies) throw new Error(DEAD);
    };
    this.#world.onCall = (command) => {
      calls += 1;
      die(answered ? calls - 1 : calls);
      if (command === 'StartExecutionCommand' && left-- > 0)
        throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    };
    this.#world.onAnswer = () => {
      this.#requireLimits();
      if (answered) die(calls);
    };
  }

  async #start(owner: string, id: string): Promise<void> {
    this.#ownerOf.set(id, owner);
    await this.#world.start(owner, id);
    this.#accepted.push({ owner, id });
  }

  #open(owner: string): string[] {
    const begun = new Set(this.#world.begun);
    return [...begun].filter((id) => this.#ownerOf.get(id) === owner && !this.#ended.has(id));
  }

  async #endOne(owner: string): Promise<void> {
    const [id] = this.#open(owner);
    if (id === undefined) return;
    this.#ended.add(id);
    this.#faults({ dies: undefined, answered: false, throttled: 0 }); // the recorder is tried until it succeeds
    await this.#world.end(owner, id);
  }

  #requireLimits(): void {
    for (const [name, { open_runs }] of Object.entries(this.#case.limits)) {
      const open = this.#open(this.#owner(name));
      if (open_runs !== undefined && open.length > open_runs)
        throw new Error(
          `${name} has ${open.length} open runs, and may have ${open_runs}: ${open.join(', ')}`,
        );
    }
  }

  /** Runs end and dispatchers work, as each minute of a real stage, until nothing is left. */
  async #drain(): Promise<void> {
    for (let minute = 0; minute < this.#case.acts.length + 6; minute += 1) {
      await this.#world.clock.pause(61_000);
      for (const name of OWNERS) await this.#endOne(this.#owner(name));
      await this.#world.dispatch({ thorough: true });
      this.#requireLimits();
    }
  }

  async #requireBegun(id: string): Promise<void> {
    const { execution_arns, queued_at } = await this.#world.run(id);
    if (queued_at !== undefined) throw new Error(`${id} still waits`);
    await this.#world.sfn.send(new DescribeExecutionCommand({ executionArn: execution_arns[0] }));
    const times = this.#world.begun.filter((begun) => begun === id).length;
    const dead = this.#case.acts.filter(({ dies }) => dies !== undefined).length;
    if (times > 1 + dead) throw new Error(`${id} was begun ${times} times, and ${dead} processes died`);
  }
}

const DEAD = 'the process has died';

function isDead(error: unknown): boolean {
  return error instanceof Error && (error.message === DEAD || isDead(error.cause));
}
