import { StatebagError } from '@statebag/contracts';
import { type LargeOwners, largeOwnersIn } from '@statebag/runs';
import { matching } from '@statebag/step-kit';

/** What the API's functions are configured with. */
export interface ApiConfig {
  readonly bucket: string;
  readonly table: string;
  /** The machine that runs start on: the machine, a version of it, or an alias. */
  readonly v3MachineArn: string;
  /** The same of the first generation. */
  readonly legacyMachineArn: string;
  /** The SSM parameter that says on which of them. */
  readonly rolloutParameter: string;
  readonly stateDataManagerArn: string;
  /** The function that begins the runs that wait. */
  readonly startDispatcher: string;
  /** The claim of the token that names the owner; without it, issuer and subject do. */
  readonly ownerClaim: string | undefined;
  /** Owners whose lists of runs are spread. */
  readonly largeOwners: LargeOwners;
  /** The folder of the project's node types, where packaging did not bring them. */
  readonly ownNodes: string | undefined;
}

const MACHINE_ARN =
  /^arn:[a-z0-9-]+:states:[a-z0-9-]+:\d{12}:stateMachine:[A-Za-z0-9_.-]{1,80}(:[A-Za-z0-9_.-]{1,80})?$/;

/**
 * The environment, read whole before the first request. @throws `Contract.Misconfigured` naming the variable
 */
export function readApiConfig(environment: Readonly<Record<string, string | undefined>>): ApiConfig {
  const ownerClaim = environment['OWNER_CLAIM'] || undefined;
  if (ownerClaim !== undefined && !/^[A-Za-z0-9:/._-]{1,128}$/.test(ownerClaim))
    throw new StatebagError(
      'Contract.Misconfigured',
      'the environment variable OWNER_CLAIM is not the name of a claim',
    );
  return {
    bucket: matching(environment, 'STATE_BUCKET', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    table: matching(environment, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/),
    v3MachineArn: matching(environment, 'V3_MACHINE_ARN', MACHINE_ARN),
    legacyMachineArn: matching(environment, 'LEGACY_MACHINE_ARN', MACHINE_ARN),
    rolloutParameter: matching(environment, 'ROLLOUT_PARAMETER', /^\/[A-Za-z0-9_./-]{1,1000}$/),
    stateDataManagerArn: matching(
      environment,
      'STATE_DATA_MANAGER_ARN',
      /^arn:[a-z0-9-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,140}(:[A-Za-z0-9_$-]+)?$/,
    ),
    startDispatcher: matching(environment, 'START_DISPATCHER', /^[A-Za-z0-9_:-]{1,200}$/),
    ownerClaim,
    largeOwners: largeOwnersIn(environment),
    ownNodes: environment['OWN_NODES'] || undefined,
  };
}
