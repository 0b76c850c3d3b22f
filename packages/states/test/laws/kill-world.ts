import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Apis,
  type Clock,
  createStatesEngine,
  type Functions,
  type Journal,
  openJournal,
  type StatesEngine,
  virtualClock,
} from '../../src/index.ts';
import { ARN, CHILD, DEFINITION, EXECUTION, INPUT } from './kill-machine.ts';

/** When the virtual clock starts, in every process of a run. */
const START = Date.UTC(2026, 0, 1);

/** Creates the machines and starts the execution; doing it again changes nothing. */
export async function begin({ actions }: StatesEngine): Promise<void> {
  await actions['CreateStateMachine']?.({
    name: 'child',
    definition: JSON.stringify(CHILD),
    roleArn: 'role',
  });
  await actions['CreateStateMachine']?.({
    name: 'law',
    definition: JSON.stringify(DEFINITION),
    roleArn: 'role',
  });
  await actions['StartExecution']?.({ stateMachineArn: `${ARN}stateMachine:law`, name: 'run', input: INPUT });
}

/** A place where a process may die. */
export type KillPoint =
  | 'before a call'
  | 'during a call'
  | 'before a commit'
  | 'after a commit'
  | 'before an answer'
  | 'after an answer';

/** The machine, its functions and its journal, as one process has them. */
export interface World {
  readonly engine: StatesEngine;
  readonly journal: Journal;
  readonly clock: Clock;
  /** What is told of executions on the bus. */
  statuses(): readonly string[];
  close(): Promise<void>;
}

/**
 * Opens the world of a data directory. `at` is told every point that is passed, so that it can end the
 * process there.
 */
export function openWorld(dataDir: string, at: (point: KillPoint) => void = () => undefined): World {
  const clock = virtualClock(START);
  const journal = watchCommits(openJournal(dataDir, { clock }), at);
  journal.db.exec('CREATE TABLE IF NOT EXISTS law_bus (id INTEGER PRIMARY KEY, status TEXT NOT NULL)');
  const tell = ({ executionArn, status }: { executionArn: string; status: string }): void => {
    if (executionArn === EXECUTION) journal.db.prepare('INSERT INTO law_bus (status) VALUES (?)').run(status);
  };
  const deps: CallDeps = { clock, at, answer: (token) => answer(engine, { dataDir, token, at }) };
  const engine: StatesEngine = createStatesEngine({
    journal,
    clock,
    functions: functionsOf(dataDir, deps),
    bus: {
      async put(entries) {
        journal.write(() => {
          for (const { Detail } of entries) tell(JSON.parse(Detail));
        });
        await journal.flush();
        return entries.map((_, index) => ({ EventId: String(index) }));
      },
    },
    objects: { get: refuse, put: refuse, list: () => refuseList() },
    items: { call: refuse },
    apis: { call: queueOf(dataDir, deps), refusal: () => undefined },
    account: '000000000000',
    region: 'us-east-1',
    random: Math.random,
  });
  return {
    engine,
    journal,
    clock,
    statuses: () =>
      journal.db
        .prepare('SELECT status FROM law_bus ORDER BY id')
        .all()
        .map(({ status }) => String(status)),
    async close() {
      await engine.close();
      journal.close();
    },
  };
}

/** A line of the log that outlives every process. */
export interface LogLine {
  readonly what: 'begun' | 'done' | 'asked' | 'answered' | 'started';
  readonly key: string;
}

export function log(dataDir: string, line: LogLine): void {
  appendFileSync(join(dataDir, 'log.jsonl'), `${JSON.stringify(line)}\n`);
}

export function readLog(dataDir: string): readonly LogLine[] {
  const file = join(dataDir, 'log.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as LogLine); // parse boundary: written by log()
}

interface CallDeps {
  readonly clock: Clock;
  readonly at: (point: KillPoint) => void;
  readonly answer: (token: string) => Promise<void>;
}

/** A queue from which somebody takes each message and answers its token. */
function queueOf(dataDir: string, { clock, at, answer }: CallDeps): Apis['call'] {
  return async (service, action, { MessageBody: body }) => {
    if (`${service}:${action}` !== 'aws-sdk:sqs:sendMessage') return refuse();
    const release = clock.hold();
    const { key, token } = JSON.parse(String(body));
    at('before a call');
    log(dataDir, { what: 'begun', key });
    log(dataDir, { what: 'asked', key: token });
    void answer(token).finally(release);
    await new Promise((resolve) => setImmediate(resolve));
    at('during a call');
    return { MessageId: key };
  };
}

function functionsOf(dataDir: string, deps: CallDeps): Functions {
  return {
    async invoke({ functionName, payload }) {
      const release = deps.clock.hold();
      const { key, token } = JSON.parse(payload);
      deps.at('before a call');
      log(dataDir, { what: 'begun', key });
      if (functionName === 'ask') {
        log(dataDir, { what: 'asked', key: token });
        void deps.answer(token).finally(release);
      }
      await new Promise((resolve) => setImmediate(resolve));
      deps.at('during a call');
      log(dataDir, { what: 'done', key });
      if (functionName !== 'ask') release();
      return {
        statusCode: 200,
        requestId: 'r',
        executedVersion: '$LATEST',
        payload: JSON.stringify({ did: key }),
      };
    },
  };
}

/** Somebody answers the token a little later; an acknowledged answer is logged. */
async function answer(
  engine: StatesEngine,
  { dataDir, token, at }: { dataDir: string; token: string; at: (point: KillPoint) => void },
): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  at('before an answer');
  await engine.actions['SendTaskSuccess']?.({
    taskToken: token,
    output: JSON.stringify({ answered: true }),
  }).then(
    () => log(dataDir, { what: 'answered', key: token }),
    () => undefined, // a repeated call finds its token answered already
  );
  at('after an answer');
}

function watchCommits(journal: Journal, at: (point: KillPoint) => void): Journal {
  return {
    db: journal.db,
    write: (statements) => journal.write(statements),
    close: () => journal.close(),
    async flush() {
      at('before a commit');
      await journal.flush();
      at('after a commit');
    },
  };
}

async function refuse(): Promise<never> {
  throw new Error('this world has no such service');
}

/** A listing that fails when it is read. */
function refuseList(): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: refuse }) };
}
