import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { forkedFrom } from '@statebag/contracts/fork-lineage';
import type { DefinitionId } from '@statebag/contracts/ids';
import { manifestUri, runPrefix, type S3Uri, workflowUri } from '@statebag/contracts/object-keys';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { LedgerEnd, LedgerRecord } from '@statebag/contracts/schemas/ledger-record';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import type { Fixture, Recorded, RecordedCall } from '@statebag/testing/fixture';
import { kindOfKey } from '@statebag/workflow';
import type { ReplayedRun } from '../replay-run.ts';
import { historiesOf } from '../source.ts';
import { type AskedPeople, decisionsIn } from './decisions.ts';
import { redaction, type Sensitive } from './redact.ts';
import { nodesWithUploads, responseSchemas, typesOfNodes } from './written-nodes.ts';

/**
 * What a run was given from outside, without what is sensitive: enough to run it again anywhere. Nothing is written.
 * @throws `Run.NotRecordable`
 */
export async function recordFixture(run: ReplayedRun): Promise<Fixture> {
  const { source, location } = run;
  const began = await beginning(run);
  const workflow: JsonObject = await jsonAt(
    run,
    workflowUri({ ...location, definition_id: began.definition_id }),
  );
  const uploads = nodesWithUploads(workflow);
  if (uploads.length > 0)
    throw notRecordable(
      run,
      `${uploads.join(', ')} takes its items from an upload, which a fixture does not hold`,
    );
  const asked: AskedPeople[] = [];
  let last: Envelope | undefined;
  for await (const { executionArn, events } of historiesOf(source, run.executionArns)) {
    asked.push(...decisionsIn(events));
    if (run.executionArns.includes(executionArn)) last = lastEnvelope(events) ?? last;
  }
  const raw = {
    workflow,
    input: began.input,
    calls: await callsOf(run, workflow),
    decisions: await toldBy(run, asked),
  };
  const redacted = redaction(sensitiveParts(raw, began), isKey);
  return {
    fixture_version: 1,
    execution_id: location.execution_id,
    start_time: began.start_time,
    // of the workflow only keys: its words mean something to expressions
    workflow: redaction([], isKey).over(raw.workflow, 'workflow'),
    input: redacted.over(raw.input, 'input'),
    calls: raw.calls.map(
      (call) => redacted.over(call as unknown as JsonObject, `calls.${call.node}`) as unknown as RecordedCall,
    ), // of the same form
    decisions: redacted.over(
      raw.decisions as unknown as Json[],
      'decisions',
    ) as unknown as Fixture['decisions'], // of the same form
    recorded: redacted.over(
      (await howItWent(run, last)) as unknown as JsonObject,
      'recorded',
    ) as unknown as Recorded, // of the same form
    replaced: redacted.replaced,
  };
}

const isKey = (text: string) => kindOfKey(text) !== null;

interface Beginning {
  readonly definition_id: DefinitionId;
  readonly input: JsonObject;
  readonly start_time: string;
  readonly schemas: readonly Json[];
}

async function beginning(run: ReplayedRun): Promise<Beginning> {
  const [first = ''] = run.executionArns;
  const events = await run.source.history(first);
  const started = events.find(({ executionStartedEventDetails: details }) => details !== undefined);
  const event: JsonObject = JSON.parse(started?.executionStartedEventDetails?.input ?? '{}');
  if (forkedFrom(run.location.execution_id) !== null)
    throw notRecordable(run, 'it is a fork: what it shares was given to the run that it was forked from');
  const definition_id = String(event['definition_id']) as DefinitionId; // of a start event
  const input = isJsonObject(event['input'] ?? null)
    ? (event['input'] as JsonObject)
    : await jsonAt(run, String(event['input_s3_path']) as S3Uri); // one of both stands in a start event
  const bag = firstEnvelope(events)?.state_data;
  if (!bag) throw notRecordable(run, 'it never had a bag');
  const manifest = await jsonAt(run, manifestUri({ ...run.location, definition_id }));
  const contract = manifest['input'];
  const schemas = isJsonObject(contract ?? null) ? (contract as JsonObject)['schemas'] : [];
  return { definition_id, input, start_time: bag.start_time, schemas: Array.isArray(schemas) ? schemas : [] };
}

type Events = Awaited<ReturnType<ReplayedRun['source']['history']>>;

/** Bags that functions gave back, as the history has them. */
function* envelopesIn(events: Events): Generator<Envelope> {
  for (const { stateExitedEventDetails: exited } of events) {
    const value: Json = JSON.parse(exited?.output ?? 'null');
    if (isJsonObject(value) && isJsonObject(value['state_data'] ?? null)) yield value as unknown as Envelope; // a sealed bag
  }
}

function firstEnvelope(events: Events): Envelope | undefined {
  return envelopesIn(events).next().value ?? undefined;
}

function lastEnvelope(events: Events): Envelope | undefined {
  return [...envelopesIn(events)].filter(({ state_data }) => state_data.branch_path === '').at(-1);
}

/** The calls of the run's ledger; of a call that never came to a result the last failure. */
async function callsOf(run: ReplayedRun, workflow: JsonObject): Promise<RecordedCall[]> {
  const { source, location } = run;
  const types = typesOfNodes(workflow);
  const records = new Map<string, { readonly at: string; readonly call: RecordedCall }>();
  for await (const uri of source.list(location.bucket, `${runPrefix(location)}ledger/`)) {
    if (/\.intent(-\d+)?\.json$/.test(uri)) continue;
    const record = (await jsonAt(run, uri)) as unknown as LedgerRecord | LedgerEnd; // as the ledger wrote it
    const { place, node_id, recorded_at: at } = record;
    if (!place || node_id === undefined)
      throw notRecordable(run, `${uri} does not say where the call was made: it is of an earlier release`);
    const known = records.get(JSON.stringify([node_id, place]));
    const call = {
      node: node_id,
      kind: kindOf(types.get(node_id)),
      loop: place.loop,
      item: place.item,
      branch: place.branch_path,
      ...('end' in record
        ? { error: record.error, message: record.message }
        : { result: await resultOf(run, record), usage: record.usage }),
    };
    if (known && !isBetter({ at, call }, known)) continue;
    records.set(JSON.stringify([node_id, place]), { at, call });
  }
  return [...records.values()].map(({ call }) => call);
}

interface Met {
  readonly at: string;
  readonly call: RecordedCall;
}

/** A result before a failure, and the later one before the earlier one. */
function isBetter(one: Met, other: Met): boolean {
  const [has, had] = [one.call.result !== undefined, other.call.result !== undefined];
  return has === had ? one.at > other.at : has;
}

async function resultOf({ source, location }: ReplayedRun, record: LedgerRecord): Promise<JsonObject> {
  if ('result' in record) return record.result as JsonObject; // results are objects
  return (await openSession(openStore(readOnly(source)), location).hydrator.pointed(
    record.pointer,
  )) as JsonObject;
}

const KINDS: Readonly<Record<string, RecordedCall['kind']>> = {
  llm_chat: 'model',
  api_call: 'http',
  lambda: 'function',
};

function kindOf(type: string | undefined): RecordedCall['kind'] {
  return (type !== undefined && KINDS[type]) || 'node';
}

async function toldBy(run: ReplayedRun, asked: readonly AskedPeople[]): Promise<Fixture['decisions']> {
  const { hydrator } = openSession(openStore(readOnly(run.source)), run.location);
  return Promise.all(
    asked.map(async ({ node, branch, loop_counter, answer }) => {
      const value = 'pointer' in answer ? await hydrator.pointed(answer.pointer) : answer.value;
      const { choice, comment, data, by }: JsonObject = Object(value);
      return {
        node,
        branch,
        loop_counter,
        choice: by === null ? null : String(choice),
        ...(typeof comment === 'string' && { comment }),
        ...(data !== undefined && { data }),
      };
    }),
  );
}

async function howItWent(run: ReplayedRun, last: Envelope | undefined): Promise<Recorded> {
  const ends = await run.source.history(run.executionArns.at(-1) ?? '');
  const end = ends.find(({ type = '' }) => /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type));
  if (!end) throw notRecordable(run, 'it goes on');
  const { hydrator } = openSession(openStore(readOnly(run.source)), run.location);
  const history: readonly HistoryEntry[] = last ? await hydrator.history(last.state_data.state_history) : [];
  return {
    status: end.type === 'ExecutionSucceeded' ? 'SUCCEEDED' : 'FAILED',
    error: end.executionFailedEventDetails?.error ?? null,
    path: history.map(({ node_id }) => node_id),
    failed: failedIn(last),
  };
}

function failedIn(last: Envelope | undefined): Recorded['failed'] {
  const failure = last?.state_data.failed_segments?.find(({ node_id }) => node_id !== null);
  return failure ? { node: String(failure.node_id), error: failure.error, message: failure.message } : null;
}

/** What schemas call sensitive: of the input, and of what models are to answer. */
function sensitiveParts(
  { workflow, input, calls }: Pick<Fixture, 'workflow' | 'input' | 'calls'>,
  { schemas }: Beginning,
): Sensitive[] {
  const answers = responseSchemas(workflow);
  return [
    { where: 'input', value: input, schemas },
    ...calls.map(({ node, result }) => ({
      where: `calls.${node}.result.answer`,
      value: result?.['answer'] ?? null,
      schemas: answers.get(node) ?? [],
    })),
  ];
}

async function jsonAt({ source }: ReplayedRun, uri: S3Uri): Promise<JsonObject> {
  const { body } = await source.get(uri);
  return JSON.parse(Buffer.from(body).toString('utf8'));
}

function readOnly(source: ReplayedRun['source']): ObjectStore {
  return {
    get: (uri, range) => source.get(uri, range),
    put: () => Promise.reject(new Error('a recording writes nothing')),
  };
}

function notRecordable({ location }: ReplayedRun, why: string): StatebagError {
  return new StatebagError('Run.NotRecordable', `run ${location.execution_id} cannot be recorded: ${why}`);
}
