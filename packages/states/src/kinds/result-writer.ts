import type { StateScope } from '../language/data-flow.ts';
import { type FieldTable, TEXT } from '../language/fields.ts';
import { isArray, isObject, type Json } from '../language/json.ts';
import { CALL_FIELDS, type Reader } from '../language/reader.ts';
import { StateRuntimeError, StatesError } from '../language/states-error.ts';
import { ApiError, type Objects } from '../ports/services.ts';
import type { ExecutionRecord } from '../program/execution.ts';
import type { Transformation, WriterPlan } from '../program/map-run.ts';

const TRANSFORMATIONS: readonly Transformation[] = ['NONE', 'COMPACT', 'FLATTEN'];

export const RESULT_WRITER_FIELDS: FieldTable = {
  Resource: TEXT,
  WriterConfig: {
    holds: 'object',
    fields: {
      Transformation: { holds: 'text', values: TRANSFORMATIONS },
      OutputType: { holds: 'text', values: ['JSON', 'JSONL'] },
    },
  },
  Parameters: { holds: 'object', only: 'JSONPath' },
  Arguments: { holds: 'any', only: 'JSONata' },
  Comment: TEXT,
};

/**
 * Compiles ResultWriter. The plan has no bucket where results are only transformed. Undefined: there is no
 * writer.
 */
export function compileResultWriter(state: Reader): ((work: StateScope) => WriterPlan) | undefined {
  const writer = state.object('ResultWriter');
  if (!writer) return undefined;
  const parameters = writer.payload(CALL_FIELDS) ?? (() => ({}));
  const resource = writer.text('Resource');
  if (resource !== undefined && !/^arn:aws[\w-]*:states:::s3:putObject$/.test(resource))
    writer.report("Expected 'arn:aws:states:::s3:putObject'", { field: 'Resource' });
  const config = writer.object('WriterConfig');
  const wanted = config?.text('Transformation') ?? 'NONE';
  const transformation = TRANSFORMATIONS.find((known) => known === wanted);
  const outputType = config?.text('OutputType') === 'JSONL' ? 'JSONL' : 'JSON';
  return (work) => {
    const value = parameters(work.scope());
    const { Bucket: bucket, Prefix: prefix } = isObject(value) ? value : {};
    if (resource !== undefined && typeof bucket !== 'string')
      throw new StateRuntimeError('The ResultWriter needs the name of a bucket.');
    return {
      bucket: typeof bucket === 'string' ? bucket : '',
      prefix: typeof prefix === 'string' ? prefix : '',
      transformation: transformation ?? 'NONE',
      outputType,
    };
  };
}

/** The output of the children as the plan wants it. */
export function transform(children: readonly ExecutionRecord[], transformation: Transformation): Json[] {
  if (transformation === 'NONE') return children.map(describe);
  const outputs = children.map(
    ({ output, error, cause }) => output?.value ?? { Error: error ?? null, Cause: cause ?? null },
  );
  return transformation === 'FLATTEN'
    ? outputs.flatMap((output) => (isArray(output) ? output : [output]))
    : outputs;
}

/**
 * Writes a file per outcome and a manifest that names them; returns what the Map state hands out about it.
 */
export async function writeResults(
  objects: Objects,
  plan: WriterPlan,
  run: { arn: string; children: readonly ExecutionRecord[]; pending: readonly Json[] },
): Promise<Json> {
  const folder = `${plan.prefix === '' ? '' : `${plan.prefix.replace(/\/$/, '')}/`}${run.arn.slice(run.arn.lastIndexOf(':') + 1)}`;
  const put = async (name: string, text: string): Promise<Json> => {
    const body = Buffer.from(text);
    await objects.put(plan.bucket, `${folder}/${name}`, body, 'application/json');
    return { Key: `${folder}/${name}`, Size: body.length };
  };
  const file = async (outcome: string, entries: readonly Json[]): Promise<Json> => {
    if (entries.length === 0) return [];
    const text =
      plan.outputType === 'JSONL'
        ? entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
        : JSON.stringify(entries);
    return [await put(`${outcome}_0.${plan.outputType.toLowerCase()}`, text)];
  };
  const [succeeded, failed] = [
    run.children.filter(({ status }) => status === 'SUCCEEDED'),
    run.children.filter(({ status }) => status !== 'SUCCEEDED'),
  ];
  try {
    const FAILED = await file('FAILED', transform(failed, 'NONE'));
    const PENDING = await file('PENDING', run.pending);
    const SUCCEEDED = await file('SUCCEEDED', transform(succeeded, plan.transformation));
    await put(
      'manifest.json',
      JSON.stringify({
        DestinationBucket: plan.bucket,
        MapRunArn: run.arn,
        ResultFiles: { FAILED, PENDING, SUCCEEDED },
      }),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new StatesError(
      'States.ResultWriterFailed',
      `${error.message} (Service: Amazon S3; Status Code: ${error.status}; Error Code: ${error.code})`,
    );
  }
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: plan.bucket, Key: `${folder}/manifest.json` } };
}

/** A child as a result file shows it. */
function describe(child: ExecutionRecord): Json {
  const { arn, name, machineArn, input, output, status, startedAt, stoppedAt, error, cause, redriveCount } =
    child;
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: arn,
    Input: input.text,
    InputDetails: { Included: true },
    Name: name,
    ...(output === undefined ? {} : { Output: output.text, OutputDetails: { Included: true } }),
    RedriveCount: redriveCount,
    RedriveStatus: status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN',
    ...(status === 'SUCCEEDED'
      ? { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }
      : {}),
    StartDate: new Date(startedAt).toISOString(),
    StateMachineArn: machineArn,
    Status: status,
    ...(stoppedAt === undefined ? {} : { StopDate: new Date(stoppedAt).toISOString() }),
  };
}
