import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { LOCAL_APP, localDeployment } from './local-app.ts';
import { localSecrets } from './local-secrets.ts';
import { startServerless } from './serverless.ts';
import { deployApp } from './stack/deploy-app.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const LONGEST_END_MS = 5_000;
const ISSUER = 'https://issuer.invalid';
const AUDIENCE = 'statebag';

/**
 * Services that serverless-offline serves. Those of `shadow` begin by events of state machines only, which
 * the local cloud delivers.
 */
export const SERVED: readonly string[] = [
  'workflow-api',
  'state-data-manager',
  'segment-runner',
  'async-llm',
  'aggregator',
];

export interface OfflineOptions {
  /** Some of those that can be served. */
  readonly services: readonly string[];
  /** Of the first one's HTTP API; its Lambda endpoint is one above, the next service begins two above. */
  readonly port: number;
  /** Where the local cloud keeps its data. */
  readonly dataDir: string;
}

export interface Offline {
  readonly endpoints: readonly { readonly name: string; readonly http: string; readonly lambda: string }[];
  readonly cloud: Pick<LocalCloud, 'endpoint'>;
  /** Resolves when a service has ended by itself, which none should. */
  readonly ended: Promise<unknown>;
  close(): Promise<void>;
}

/** Serves services by serverless-offline, over a local cloud that runs the state machines. */
export async function serveOffline({ services, port, dataDir }: OfflineOptions): Promise<Offline> {
  const cloud = await startLocalCloud({ dataDir, heldParameters: localSecrets(dataDir) });
  const deployment = await localDeployment(cloud);
  await deployApp(cloud, deployment);
  const served = services.map((name, index) =>
    serveOne(name, { port: port + 2 * index, cloud, parameters: deployment.parameters ?? {} }),
  );
  const processes = served.map(({ process }) => process);
  return {
    endpoints: served.map(({ endpoints }) => endpoints),
    cloud,
    ended: Promise.race(processes.map((each) => once(each, 'exit'))),
    async close() {
      await Promise.all(processes.map(end));
      await cloud.close();
    },
  };
}

interface Place {
  readonly port: number;
  readonly cloud: Pick<LocalCloud, 'environment'>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** How one service is served: its functions use the clients they always use, pointed at the local cloud. */
function serveOne(name: string, { port, cloud, parameters }: Place) {
  const { stage, machineArn: v3MachineArn, legacyMachineArn } = LOCAL_APP;
  const params = { ...parameters, v3MachineArn, legacyMachineArn, jwtIssuer: ISSUER, jwtAudience: AUDIENCE };
  // A signature has nobody to check it against.
  const switches = ['--ignoreJWTSignature', '--noPrependStageInUrl', '--noSponsor'];
  const ports = ['--httpPort', String(port), '--lambdaPort', String(port + 1)];
  const given = Object.entries(params).flatMap(([param, value]) => ['--param', `${param}=${value}`]);
  const process = startServerless({
    cwd: join(ROOT, 'services', name),
    args: ['offline', 'start', '--stage', stage, ...ports, ...switches, ...given],
    environment: cloud.environment,
  });
  return {
    process,
    endpoints: { name, http: `http://localhost:${port}`, lambda: `http://localhost:${port + 1}` },
  };
}

/** The framework may outlive a failure; nobody would look after it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_END_MS);
  child.kill('SIGTERM');
  await once(child, 'exit');
  clearTimeout(late);
}

/** A token as the local owner's issuer would sign it. */
export function localToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'local',
    [LOCAL_APP.ownerClaim]: LOCAL_APP.owner,
    exp: 4_102_444_800,
  };
  return [part({ alg: 'none', typ: 'JWT' }), part(claims), 'unsigned'].join('.');
}
