import { once } from 'node:events';
import { type DeployedApp, deployApp, type LocalCloud, startLocalCloud, watchApp } from '@statebag/local-cloud';
import { localDeployment } from '../cloud/local-deployment.ts';
import { EXIT, UsageError } from '../exit.ts';
import { countText } from '../render/amounts.ts';

export interface DevOptions {
  readonly port: string;
  readonly dataDir: string;
  readonly providerUrl?: string;
}

/** `statebag dev`: the cloud with the app deployed, until it is told to stop. Changed handlers and definitions are deployed again. */
export async function dev({ port: portText, dataDir, providerUrl }: DevOptions): Promise<number> {
  const cloud = await startAt(portOf(portText), dataDir);
  try {
    const options = await localDeployment(cloud, providerUrl);
    const deployed = await deployApp(cloud, options);
    process.stdout.write(greeting(cloud, deployed, dataDir));
    const watch = watchApp(cloud, {
      options,
      deployed,
      events: {
        onDeployed: (app) => process.stdout.write(`deployed again: ${changedIn(app)}\n`),
        onRefused: (error) => process.stderr.write(`not deployed: ${messageOf(error)}\n`),
      },
    });
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await watch.close();
    return EXIT.succeeded;
  } finally {
    await cloud.close();
  }
}

async function startAt(port: number, dataDir: string): Promise<LocalCloud> {
  try {
    return await startLocalCloud({ dataDir, port });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new UsageError(`--port ${port}: another process listens there\n  mend: give another port, or 0 for any free one`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port ${text}: not a port\n  mend: give a number from 0 (any free port) to 65535`);
}

function greeting({ endpoint, environment }: LocalCloud, { functions, machines }: DeployedApp, dataDir: string): string {
  const exports = Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`);
  const arns = machines.map(({ key, arn }) => `  ${key.padEnd(16)} ${arn}`);
  return [
    `statebag dev listens at ${endpoint}`,
    `runs are kept in ${dataDir}; ${countText(functions.length, 'function')} and ${countText(machines.length, 'state machine')} are deployed and watched`,
    '',
    'For the AWS command line and SDKs:',
    ...exports,
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
