import { randomBytes } from 'node:crypto';
import { ApiError, type JsonActions } from '@statebag/states';
import type { Alarms } from '../cloudwatch/alarms.ts';
import type { DynamoDb } from '../dynamodb/dynamodb.ts';
import type { Events } from '../events/events.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { S3 } from '../s3/s3.ts';
import type { Ssm } from '../ssm/ssm.ts';
import type { Mapping, Plain } from './document.ts';
import { invalid } from './errors.ts';
import type { KeptResources } from './kept-resources.ts';
import type { ResourceType } from './resource-types.ts';

/** The account that resources are made in. */
export interface Account {
  readonly account: string;
  readonly region: string;
  readonly kept: KeptResources;
  readonly s3: S3;
  readonly functions: Lambda;
  readonly states: JsonActions;
  readonly queues: JsonActions;
  /** Lambda's actions on event source mappings. */
  readonly sources: JsonActions;
  readonly events: Events;
  readonly ssm: Ssm;
  readonly items: DynamoDb;
  readonly alarms: Alarms;
  /** Passes between two steps of an alias to a new version. */
  canary(aliasArn: string): Promise<void>;
}

/** A resource as it is wanted. */
export interface Wanted {
  readonly logicalId: string;
  /** The name it is given, or one that CloudFormation makes up. */
  readonly name: string;
  readonly properties: Mapping;
}

/** What came of it: `Ref` gives the id, `Fn::GetAtt` the attributes. */
export interface Made {
  readonly id: string;
  readonly attributes: Readonly<Record<string, Plain>>;
}

/** Makes, changes and removes resources of one type. */
export interface Provider {
  /** The property that names it, and how long a name may be. */
  readonly naming?: { readonly property: string; readonly most: number; readonly lower?: boolean };
  create(wanted: Wanted, account: Account): Promise<Made>;
  /** Never called with a property that replaces. */
  update(wanted: Wanted & Pick<Made, 'id'>, account: Account): Promise<Made>;
  /** Takes an update back, where that is not an update like any other. */
  restore?(wanted: Wanted & Pick<Made, 'id'>, account: Account): Promise<Made>;
  /** What is gone already is no failure. */
  remove(gone: Gone, account: Account): Promise<void>;
}

/** A resource that is to go. */
export interface Gone {
  readonly id: string;
  readonly properties: Mapping;
}

/** A resource cannot be made, since the account has it. */
export class AlreadyThere extends ApiError {
  /** What `Ref` gives for the one that is there. */
  readonly id: string;

  constructor(id: string, message: string) {
    super('ValidationError', message);
    this.id = id;
  }
}

/** @throws AlreadyThere where another resource has the identifier */
export function refuseExisting(type: ResourceType, id: string, exists: boolean): void {
  if (exists)
    throw new AlreadyThere(id, `Resource of type '${type}' with identifier '${id}' already exists.`);
}

/** The name of a resource: the one it is given, else one that no other has. */
export function nameOf(
  { naming }: Pick<Provider, 'naming'>,
  properties: Mapping,
  { stack, logicalId }: { readonly stack: string; readonly logicalId: string },
): string {
  const given = naming === undefined ? undefined : properties[naming.property];
  const most = naming?.most ?? 255;
  if (typeof given !== 'string') return madeUp(`${stack}-${logicalId}`, most, naming?.lower === true);
  if (given.length <= most) return given;
  throw invalid(
    `Value '${given}' at '${naming?.property}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
}

const SUFFIX = 12;

function madeUp(stem: string, most: number, lower: boolean): string {
  const suffix = randomBytes(SUFFIX)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '0')
    .slice(0, SUFFIX);
  const name = `${stem.slice(0, most - SUFFIX - 1)}-${suffix}`;
  return lower ? name.toLowerCase() : name;
}

/** An ARN in this account. */
export function arnIn(
  { account, region }: Pick<Account, 'account' | 'region'>,
  service: string,
  resource: string,
): string {
  const global = service === 'iam' || service === 's3';
  return `arn:aws:${service}:${global ? '' : region}:${service === 's3' ? '' : account}:${resource}`;
}

/** Calls an action of a service in this process. */
export async function callAction(
  actions: JsonActions,
  name: string,
  input: Record<string, unknown>,
): Promise<Mapping> {
  const run = actions[name];
  if (run === undefined) throw new Error(`there is no action ${name}`);
  // what an action answers is JSON
  return (await run(input)) as Mapping;
}
