import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { type Finished, start, startDev, statebag, workFolder } from '../statebag.ts';

/** A run takes a few segments, with time between them, so that a kill finds it anywhere. */
const STEPS = ['first', 'second'];
const STEPPING = {
  name: 'steps',
  nodes: [
    { id: 'in', type: 'input', config: { fields: ['number'] } },
    ...STEPS.flatMap((id) => [
      { id, type: 'operator', config: { set: { number: '{% number * 2 %}' } } },
      { id: `after-${id}`, type: 'wait', config: { seconds: 1 } },
    ]),
    { id: 'out', type: 'output', config: { fields: ['number'] } },
  ],
};
const ASKING = {
  name: 'asks',
  nodes: [
    { id: 'in', type: 'input', config: { fields: ['number'] } },
    { id: 'ask', type: 'human_approval', output_key: 'decision', config: { message: 'Go on?' } },
    { id: 'on', type: 'operator', config: { set: { number: '{% number * 4 %}' } } },
    { id: 'out', type: 'output', config: { fields: ['number'] } },
  ],
};

/** Runs are begun more often than looked at. */
const KINDS = [
  ...(['run', 'run', 'detach', 'detach', 'ask', 'resume', 'resume'] as const),
  ...(['approve', 'list', 'show', 'approvals', 'dev'] as const),
];

/** A command, and what becomes of its process. */
interface Command {
  readonly kind: (typeof KINDS)[number];
  /** Which run it is about; the runs that are known are counted through. */
  readonly about: number;
  readonly fate:
    | { readonly of: 'awaited' | 'left' }
    | { readonly of: 'killed'; readonly after: number; readonly by: NodeJS.Signals };
}

const COMMAND: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom(...KINDS),
  about: fc.nat(99),
  fate: fc.oneof(
    fc.record({ of: fc.constantFrom('awaited' as const, 'left' as const) }),
    fc.record({
      of: fc.constant('killed' as const),
      after: fc.noBias(fc.nat(2_500)),
      by: fc.constantFrom<NodeJS.Signals>('SIGKILL', 'SIGKILL', 'SIGINT', 'SIGTERM'),
    }),
  ),
});

/** So many commands share a data directory. */
const IN_A_FOLDER = 12;
/** A command that takes longer hangs, on the busiest machine too. */
const LONGEST_MS = 300_000;

/**
 * Law: whatever commands are started over one data directory and killed at whatever moment, every run that was
 * named to the user is there and ends as it would have, every run that is listed does or says that it never
 * began, and no command that is not killed ends without a sentence.
 */
export async function prove({ count, seed }: { count: number; seed: number }): Promise<string> {
  const commands = fc.sample(COMMAND, { numRuns: count, seed });
  let runs = 0;
  for (let from = 0; from < commands.length; from += IN_A_FOLDER) {
    const some = commands.slice(from, from + IN_A_FOLDER);
    runs += await inOneFolder(some).catch((error: unknown) => {
      throw new Error(`commands ${from} to ${from + some.length}: ${described(some)}`, { cause: error });
    });
  }
  return `${commands.length} commands, ${runs} runs, none lost`;
}

function described(commands: readonly Command[]): string {
  return commands
    .map(
      ({ kind, fate }) => `${kind} ${fate.of}${fate.of === 'killed' ? ` ${fate.by} at ${fate.after}` : ''}`,
    )
    .join(', ');
}

interface Folder {
  readonly dataDir: string;
  readonly steps: string;
  readonly asks: string;
  readonly input: (number: number) => string;
  /** Runs that were named to the user, with the number they began with. */
  readonly named: Map<string, number>;
}

interface Alive {
  readonly child: ReturnType<typeof start>['child'];
  readonly ended: Promise<unknown>;
}

async function inOneFolder(commands: readonly Command[]): Promise<number> {
  const work = workFolder();
  const alive = new Set<Alive>();
  const folder: Folder = {
    dataDir: `${work.path}/data`,
    steps: work.file('steps.json', STEPPING),
    asks: work.file('asks.json', ASKING),
    input: (number) => work.file(`input-${number}.json`, { number }),
    named: new Map(),
  };
  try {
    for (const [index, command] of commands.entries())
      await play(command, { folder, alive, number: index + 1 });
    for (const { child } of alive) child.kill('SIGKILL');
    await Promise.all([...alive].map(({ ended }) => ended));
    return await settled(folder);
  } finally {
    for (const { child } of alive) child.kill('SIGKILL');
    work.remove();
  }
}

interface Play {
  readonly folder: Folder;
  readonly alive: Set<Alive>;
  readonly number: number;
}

async function play({ kind, about, fate }: Command, { folder, alive, number }: Play): Promise<void> {
  const args = argumentsOf(kind, about, folder, number);
  const { child, finished } = start([...args, '--data-dir', folder.dataDir]);
  let wasKilled = false;
  if (args[0] === 'run') whenNamed(child, (run) => folder.named.set(run, number));
  const one: Alive = { child, ended: finished };
  alive.add(one);
  const ended = finished.then((end) => {
    alive.delete(one);
    if (!wasKilled && !child.killed) refuseSilence(args, end);
  });
  // What is left alone is looked at when it ends, and never ends the process.
  const seen = ended.catch((error: unknown) => error);
  const staysOn = kind === 'dev' || kind === 'ask' || args[1]?.startsWith('asks');
  if (fate.of === 'killed') {
    await Promise.race([ended, passed(fate.after)]);
    wasKilled = true;
    child.kill(fate.by);
    await within(finished, LONGEST_MS, `${args.join(' ')} after ${fate.by}`);
  } else if (fate.of === 'awaited' && !staysOn) await within(ended, LONGEST_MS, args.join(' '));
  else await Promise.race([seen, passed(500)]);
}

/** The longest that something is waited for. */
const passed = (millis: number) => once(AbortSignal.timeout(millis), 'abort');

/** The id of a run, as soon as the user reads it. */
function whenNamed({ stdout, stderr }: Alive['child'], tell: (run: string) => void): void {
  let text = '';
  for (const stream of [stdout, stderr])
    stream?.on('data', (chunk) => {
      text += String(chunk);
      const run = /^([\w-]+-[a-z0-9]{8}-[a-z0-9]{4})(?::|$)/m.exec(text)?.[1];
      if (run !== undefined) tell(run);
    });
}

function argumentsOf(
  kind: Command['kind'],
  about: number,
  folder: Folder,
  number: number,
): readonly string[] {
  const { named } = folder;
  const run = [...named.keys()][about % Math.max(named.size, 1)];
  const isAbout = kind === 'resume' || kind === 'approve' || kind === 'show';
  if (isAbout && run === undefined) return argumentsOf('detach', about, folder, number);
  const { steps, asks, input } = folder;
  switch (kind) {
    case 'run':
      return ['run', steps, '--input', input(number)];
    case 'detach':
      return ['run', steps, '--input', input(number), '--detach'];
    case 'ask':
      return ['run', asks, '--input', input(number)];
    case 'resume':
    case 'approve':
    case 'show':
      return [kind, run ?? ''];
    case 'dev':
      return ['dev', '--port', '0'];
    default:
      return [kind];
  }
}

/** A command that nobody killed says what is wrong in a sentence. */
function refuseSilence(args: readonly string[], { code, stderr }: Finished): void {
  const isSentence = code === 0 || /^ {2}mend: /m.test(stderr) || code === 1;
  if (code === null || !isSentence || /^unexpected:|^\s+at \S.*:\d+:\d+\)?$/m.test(stderr))
    throw new Error(`statebag ${args.join(' ')} ended with ${code}: ${stderr}`);
}

async function within<Value>(work: Promise<Value>, millis: number, what: string): Promise<Value> {
  const late = pause(millis, undefined, { ref: false }).then(() => {
    throw new Error(`statebag ${what} has not ended after ${millis / 1_000} s`);
  });
  return Promise.race([work, late]);
}

interface Listed {
  readonly execution_id: string;
  readonly status: string;
}

/** With a cloud that nobody kills, every run ends as it would have. Gives how many there are. */
async function settled({ dataDir, named }: Folder): Promise<number> {
  const dev = await startDev(dataDir);
  try {
    const listed = await json<readonly Listed[]>('list', '--all', '--json', '--data-dir', dataDir);
    const ids = new Set(listed.map(({ execution_id }) => execution_id));
    for (const run of named.keys()) if (!ids.has(run)) throw new Error(`${run} is not listed`);
    for (const run of ids) await endsAsItWould(run, { dataDir, number: named.get(run) });
    return ids.size;
  } finally {
    await dev.stop();
  }
}

async function endsAsItWould(
  run: string,
  { dataDir, number }: { readonly dataDir: string; readonly number: number | undefined },
): Promise<void> {
  const decided = run.startsWith('asks') ? approved(run, dataDir) : undefined;
  const resumed = statebag('resume', run, '--json', '--data-dir', dataDir);
  const { code, stdout, stderr } = await within(resumed, LONGEST_MS, `resume ${run}`);
  await decided;
  const end = stdout === '' ? { status: 'NOTHING', output: null } : JSON.parse(stdout);
  // a start that was killed before anybody was told of its run
  if (number === undefined && stderr.includes('its start broke off')) return;
  const asItWould = number === undefined || end.output?.number === number * 4;
  if (code !== 0 || end.status !== 'SUCCEEDED' || !asItWould)
    throw new Error(`${run}, begun with ${number}, ended with ${code}: ${stdout}${stderr}`);
}

/** Until it is answered; a run may have been answered before. */
async function approved(run: string, dataDir: string): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const [stands] = (await json<readonly Listed[]>('list', '--all', '--json', '--data-dir', dataDir)).filter(
      ({ execution_id }) => execution_id === run,
    );
    if (stands?.status !== 'RUNNING') return;
    const { code } = await statebag('approve', run, '--data-dir', dataDir);
    if (code === 0) return;
    await pause(100);
  }
}

async function json<Value>(...args: readonly string[]): Promise<Value> {
  const { code, stdout, stderr } = await statebag(...args);
  if (code !== 0) throw new Error(`statebag ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}
