import { once } from 'node:events';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { type DeployedApp, deployApp, type LocalCloud, startLocalCloud, watchApp } from '@statebag/local-cloud';
import { clientOptions } from '../cloud/client-options.ts';
import { LOCAL_APP } from '../cloud/local-app.ts';
import { localDeployment } from '../cloud/local-deployment.ts';
import { serveApi } from '../cloud/serve-api.ts';
import { EXIT, UsageError } from '../exit.ts';
import { countText } from '../render/amounts.ts';

export interface DevOptions {
  readonly port: string;
  readonly apiPort?: string;
  readonly dataDir: string;
  readonly providerUrl?: string;
}

/** `statebag dev`: the cloud with the app deployed, until it is told to stop. Changed handlers and definitions are deployed again. */
export async function dev({ port: portText, apiPort, dataDir, providerUrl }: DevOptions): Promise<number> {
  const port = portOf('--port', portText);
  const portOfApi = apiPort === undefined ? oneAbove(port) : portOf('--api-port', apiPort);
  const cloud = await listening('--port', port, () => startLocalCloud({ dataDir, port }));
  const lambda = new LambdaClient(clientOptions(cloud.endpoint));
  try {
    const options = await localDeployment(cloud, providerUrl);
    const deployed = await deployApp(cloud, options);
    const api = await listening('--api-port', portOfApi, () => serveApi({ lambda }, portOfApi));
    process.stdout.write(greeting(cloud, { deployed, dataDir, apiUrl: api.url }));
    const watch = watchApp(cloud, {
      options,
      deployed,
      events: {
        onDeployed: (app) => process.stdout.write(`deployed again: ${changedIn(app)}\n`),
        onRefused: (error) => process.stderr.write(`not deployed: ${messageOf(error)}\n`),
      },
    });
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await Promise.all([watch.close(), api.close()]);
    return EXIT.succeeded;
  } finally {
    lambda.destroy();
    await cloud.close();
  }
}

async function listening<Listener>(option: string, port: number, start: () => Promise<Listener>): Promise<Listener> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new UsageError(`${option} ${port}: another process listens there\n  mend: give another port, or 0 for any free one`);
  }
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`${option} ${text}: not a port\n  mend: give a number from 0 (any free port) to 65535`);
}

function oneAbove(port: number): number {
  return port === 0 ? 0 : port + 1;
}

interface Greeted {
  readonly deployed: DeployedApp;
  readonly dataDir: string;
  readonly apiUrl: string;
}

function greeting({ endpoint, environment }: LocalCloud, { deployed: { functions, machines }, dataDir, apiUrl }: Greeted): string {
  const exports = Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`);
  const arns = machines.map(({ key, arn }) => `  ${key.padEnd(16)} ${arn}`);
  return [
    `statebag dev listens at ${endpoint}`,
    `runs are kept in ${dataDir}; ${countText(functions.length, 'function')} and ${countText(machines.length, 'state machine')} are deployed and watched`,
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
