import { LOCAL_APP } from '@statebag/cli';
import type { LocalCloud } from '@statebag/local-cloud';

/** Services that serverless-offline serves. Those of `shadow` begin by events of state machines only, which the local cloud delivers. */
export const SERVED: readonly string[] = ['workflow-api', 'state-data-manager', 'segment-runner', 'async-llm', 'aggregator'];

const ISSUER = 'https://issuer.invalid';
const AUDIENCE = 'statebag';

export interface Place {
  /** Of the HTTP API; the Lambda endpoint is one above. */
  readonly port: number;
  readonly cloud: Pick<LocalCloud, 'environment'>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** How one service is served: its functions use the clients they always use, pointed at the local cloud. */
export function servedBy(name: string, { port, cloud, parameters }: Place) {
  const { stage, machineArn: v3MachineArn, legacyMachineArn } = LOCAL_APP;
  const params = { ...parameters, v3MachineArn, legacyMachineArn, jwtIssuer: ISSUER, jwtAudience: AUDIENCE };
  // A signature has nobody to check it against.
  const switches = ['--ignoreJWTSignature', '--noPrependStageInUrl', '--noSponsor'];
  const ports = ['--httpPort', String(port), '--lambdaPort', String(port + 1)];
  const given = Object.entries(params).flatMap(([param, value]) => ['--param', `${param}=${value}`]);
  return {
    name,
    folder: `services/${name}`,
    args: ['offline', 'start', '--stage', stage, ...ports, ...switches, ...given],
    environment: cloud.environment,
    http: `http://localhost:${port}`,
    lambda: `http://localhost:${port + 1}`,
  };
}

/** A token as the local owner's issuer would sign it. */
export function localToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'local', [LOCAL_APP.ownerClaim]: LOCAL_APP.owner, exp: 4_102_444_800 };
  return [part({ alg: 'none', typ: 'JWT' }), part(claims), 'unsigned'].join('.');
}
