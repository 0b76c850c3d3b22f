import { appendFileSync } from 'node:fs';
import { parseFunctionName } from '../lambda/function-name.ts';
import type { Identity } from './keyring.ts';
import { decode, type Request } from './request.ts';

/** A right that a function made use of. */
export interface RecordedCall {
  readonly function: string;
  /** As a policy names it: `s3:GetObject`. */
  readonly action: string;
  /** As a policy names it, account and region left out: `arn:aws:s3:::bucket/key`. */
  readonly resource: string;
}

export interface CallRecorder {
  /** A request to S3, once it is known how it was answered. */
  s3(identity: Identity, request: Request, status: number): void;
  lambda(identity: Identity, request: Request): void;
  /** A request of a JSON protocol, by its target. */
  json(identity: Identity, target: string, input: Readonly<Record<string, unknown>>): void;
}

const NOBODY: CallRecorder = { s3: () => {}, lambda: () => {}, json: () => {} };

/** Writes what deployed functions call to a file, one JSON line each, every one once. Without a file nothing is recorded. */
export function openCallRecorder(file: string | undefined): CallRecorder {
  if (file === undefined || file === '') return NOBODY;
  const seen = new Set<string>();
  const record = ({ functionName }: Identity, used: readonly (readonly [action: string, resource: string])[]): void => {
    if (functionName === undefined) return;
    for (const [action, resource] of used) {
      const line = `${JSON.stringify({ function: functionName, action, resource } satisfies RecordedCall)}\n`;
      if (!seen.has(line)) appendFileSync(file, line);
      seen.add(line);
    }
  };
  return {
    s3: (identity, request, status) => record(identity, s3Rights(request, status)),
    lambda: (identity, request) => record(identity, [['lambda:InvokeFunction', functionArn(request)]]),
    json: (identity, target, input) => record(identity, jsonRights(target, input)),
  };
}

type Right = readonly [action: string, resource: string];

/** To learn that an object is missing takes the right to list, besides the right to read. */
function s3Rights({ method, path, query }: Request, status: number): readonly Right[] {
  const [bucket = '', ...rest] = decode(path.slice(1)).split('/');
  const [whole, object] = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/${rest.join('/')}`];
  if (rest.join('') === '') return method === 'GET' ? [['s3:ListBucket', whole]] : [];
  if (query.has('uploadId') && method === 'DELETE') return [['s3:AbortMultipartUpload', object]];
  if (query.has('uploadId') && method === 'GET') return [['s3:ListMultipartUploadParts', object]];
  if (method === 'DELETE') return [['s3:DeleteObject', object]];
  if (method === 'PUT' || method === 'POST') return [['s3:PutObject', object]];
  const read: Right = ['s3:GetObject', object];
  return status === 404 ? [read, ['s3:ListBucket', whole]] : [read];
}

function functionArn({ path }: Request): string {
  const name = decode(path.split('/')[3] ?? '');
  return `arn:aws:lambda:::function:${parseFunctionName(name).functionName}`;
}

type Input = Readonly<Record<string, unknown>>;

/** What a request of a JSON protocol asks for, by service. */
const JSON_RIGHTS: Readonly<Record<string, (action: string, input: Input) => readonly Right[]>> = {
  AWSStepFunctions: (action, input) => [
    [
      `states:${action}`,
      withoutPlace(input['stateMachineArn'] ?? input['executionArn'] ?? input['stateMachineAliasArn'] ?? 'arn:aws:states:::stateMachine:of-the-token'),
    ],
  ],
  DynamoDB_20120810: (action, input) => {
    const table = `arn:aws:dynamodb:::table/${String(input['TableName'])}`;
    return [[`dynamodb:${action}`, input['IndexName'] === undefined ? table : `${table}/index/${String(input['IndexName'])}`]];
  },
  AWSEvents: (action, input) =>
    entriesOf(input).map((entry) => [`events:${action}`, `arn:aws:events:::event-bus/${String(entry['EventBusName'] ?? 'default')}`]),
  AmazonSSM: (action, input) => [[`ssm:${action}`, `arn:aws:ssm:::parameter/${String(input['Name']).replace(/^\//, '')}`]],
};

function jsonRights(target: string, input: Input): readonly Right[] {
  const [service = '', action = ''] = target.split('.');
  return JSON_RIGHTS[service]?.(action, input) ?? [];
}

function entriesOf({ Entries }: Input): readonly Input[] {
  return Array.isArray(Entries) ? Entries : [];
}

function withoutPlace(arn: unknown): string {
  return String(arn).replace(/^(arn:aws:\w+):[^:]*:[^:]*:/, '$1:::');
}
