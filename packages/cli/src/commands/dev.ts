import { once } from 'node:events';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { LOCAL_APP, localDeployment } from '@statebag/deployment/local-app';
import { keepProvider } from '@statebag/deployment/local-provider';
import { localSecrets } from '@statebag/deployment/local-secrets';
import { type DeployedApp, deployApp, watchApp } from '@statebag/deployment/stack';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import type { OpenOptions } from '../cloud/open-app.ts';
import { listening, oneAbove, portOf } from '../cloud/ports.ts';
import { serveApi } from '../cloud/serve-api.ts';
import { EXIT, UsageError } from '../exit.ts';
import { countText } from '../render/amounts.ts';
import { localViewer } from '../viewer/local-viewer.ts';
import { serveViewer } from '../viewer/serve-viewer.ts';
import { devApp } from './dev-app.ts';
import { devBare, quotasOf } from './dev-bare.ts';

export interface DevOptions extends OpenOptions {
  readonly port: string;
  readonly apiPort?: string;
  /** An account with nothing in it, instead of the app. */
  readonly bare?: boolean;
  /** An application that others wrote, in an account of its own. */
  readonly app?: string;
  /** Values for its parameters, `name=value`. */
  readonly parameter?: readonly string[];
  /** Types of resources that it is to go without. */
  readonly leaveOut?: readonly string[];
  /** A command that is run over it, instead of waiting. */
  readonly run?: string;
  readonly account?: string;
  readonly region?: string;
  readonly uiPort?: string;
  /** Rates of AWS to hold the services to: the name of a set, or a file. */
  readonly quotas?: string;
}

/**
 * `statebag dev`: the local cloud with the app deployed, until the process gets SIGINT or SIGTERM. Handlers
 * and definitions that change are deployed again.
 */
export async function dev(given: DevOptions): Promise<number> {
  const { port: portText, apiPort, uiPort, dataDir } = given;
  const port = portOf('--port', portText);
  const { app } = given;
  if (app !== undefined) return listening('--port', port, () => devApp({ ...given, app, port }));
  refuseOptionsOf(given, 'app', APP_OPTIONS);
  if (given.bare === true) return listening('--port', port, () => devBare({ ...given, port }));
  refuseOptionsOf(given, 'bare', ACCOUNT_OPTIONS);
  const portOfApi = apiPort === undefined ? oneAbove(port) : portOf('--api-port', apiPort);
  const portOfViewer = uiPort === undefined ? oneAbove(portOfApi) : portOf('--ui-port', uiPort);
  const place = { dataDir, port, hidden: true, heldParameters: localSecrets(dataDir) };
  const cloud = await listening('--port', port, () => startLocalCloud({ ...place, ...quotasOf(given) }));
  const lambda = new LambdaClient(cloud.clientOptions);
  const sfn = new SFNClient(cloud.clientOptions);
  try {
    if (given.providerUrl !== undefined) keepProvider(dataDir, given.providerUrl);
    const current = async () => ({
      ...(await localDeployment(cloud, { ...given, providerKept: true })),
      onPackaging: () => process.stderr.write('packaging the templates, which takes some seconds\n'),
    });
    const deployed = await deployApp(cloud, await current());
    cloud.announce();
    const api = await listening('--api-port', portOfApi, () =>
      serveApi({ lambda, invoke: invokeIn(cloud) }, portOfApi),
    );
    const { credentials } = cloud.clientOptions;
    const viewed = localViewer({ lambda, sfn, credentials, attached: true }, dataDir);
    const viewer = await listening('--ui-port', portOfViewer, () => serveViewer(viewed, portOfViewer));
    process.stdout.write(greeting(cloud, { deployed, dataDir, apiUrl: api.url, viewerUrl: viewer.url }));
    const watch = watchApp(cloud, {
      current,
      folders: given.nodes === undefined ? [] : [given.nodes],
      deployed,
      events: {
        onDeployed: (app) => process.stdout.write(`deployed again: ${changedIn(app)}\n`),
        onRefused: (error) => process.stderr.write(`not deployed: ${messageOf(error)}\n`),
      },
    });
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await Promise.all([watch.close(), api.close(), viewer.close()]);
    return EXIT.succeeded;
  } finally {
    lambda.destroy();
    sfn.destroy();
    await cloud.close();
  }
}

const ACCOUNT_OPTIONS = { account: '--account', region: '--region' } as const;
const APP_OPTIONS = { parameter: '--parameter', leaveOut: '--leave-out', run: '--run' } as const;

function refuseOptionsOf(
  given: DevOptions,
  owner: 'app' | 'bare',
  options: Partial<Record<keyof DevOptions, string>>,
): void {
  for (const [name, flag] of Object.entries(options))
    if (Object.hasOwn(given, name))
      throw new UsageError(`${flag} belongs to ${OWNERS[owner].what}\n  mend: add ${OWNERS[owner].flag}`);
}

const OWNERS = {
  bare: { what: 'an account of its own', flag: '--bare or --app <dir>' },
  app: { what: 'an application that others wrote', flag: '--app <dir>' },
} as const;

/** Calls a function of this process's own cloud. */
function invokeIn({ functions }: LocalCloud) {
  return (functionName: string, payload: string) =>
    functions.invoke({ functionName, payload, invocationType: 'RequestResponse' });
}

interface Greeted {
  readonly deployed: DeployedApp;
  readonly dataDir: string;
  readonly apiUrl: string;
  readonly viewerUrl: string;
}

function greeting(
  { endpoint, environment }: LocalCloud,
  { deployed: { functions, machines }, dataDir, apiUrl, viewerUrl }: Greeted,
): string {
  const exports = Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`);
  const arns = machines.map(({ key, arn }) => `  ${key.padEnd(16)} ${arn}`);
  const machineCount = countText(machines.length, 'state machine');
  const counts = `${countText(functions.length, 'function')} and ${machineCount}`;
  return [
    `statebag dev listens at ${endpoint}`,
    `runs are kept in ${dataDir}; ${counts} are deployed, again when sources change`,
    '',
    'To see the runs, open:',
    `  ${viewerUrl}`,
    '',
    'For the AWS command line and SDKs:',
    ...exports,
    '',
    'For HTTP clients (docs/openapi.json):',
    `  curl -H 'Authorization: Bearer ${LOCAL_APP.owner}' ${apiUrl}/runs`,
    '',
    'State machines:',
    ...arns,
    '',
    'Stop with Ctrl-C.',
    '',
  ].join('\n');
}

function changedIn({ functions }: DeployedApp): string {
  return (
    functions
      .filter(({ changed }) => changed)
      .map(({ key, version }) => `${key} version ${version}`)
      .join(', ') || 'definitions'
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
