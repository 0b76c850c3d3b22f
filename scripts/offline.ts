/**
 * `npm run offline [-- --service workflow-api … --port 4700 --data-dir .statebag]`: serves the HTTP API and the Lambda endpoints of the services by
 * serverless-offline, over a local cloud that runs the state machines. Until it is stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LOCAL_APP, localDeployment } from '@statebag/cli';
import { deployApp, startLocalCloud } from '@statebag/local-cloud';
import { localToken, SERVED, servedBy } from './offline/served-by.ts';

const ROOT = join(import.meta.dirname, '..');
const LONGEST_END_MS = 5_000;

const { values } = parseArgs({
  options: {
    service: { type: 'string', multiple: true, default: [...SERVED] },
    port: { type: 'string', default: '4700' },
    'data-dir': { type: 'string', default: '.statebag' },
  },
});
const first = Number(values.port);
const unknown = values.service.filter((name) => !SERVED.includes(name));
if (unknown.length > 0 || !Number.isInteger(first) || first < 1 || first > 65_000) {
  console.error(`usage: npm run offline -- [--service <name>…] [--port <number>] [--data-dir <dir>]\nservices: ${SERVED.join(', ')}`);
  process.exit(2);
}

const cloud = await startLocalCloud({ dataDir: values['data-dir'] });
const deployment = await localDeployment(cloud, undefined);
await deployApp(cloud, deployment);

const served = values.service.map((name, index) => servedBy(name, { port: first + 2 * index, cloud, parameters: deployment.parameters ?? {} }));
const processes = served.map(
  ({ folder, args, environment }): ChildProcess =>
    spawn('serverless', args, { cwd: join(ROOT, folder), env: { ...process.env, ...environment }, stdio: ['ignore', 'inherit', 'inherit'] }),
);
for (const { name, http, lambda } of served) console.log(`${name}: HTTP at ${http}, Lambda at ${lambda}`);
console.log(`local cloud: ${cloud.endpoint}, stage ${LOCAL_APP.stage}\ntoken: ${localToken()}`);

/** The framework may outlive a failure; nobody would look after it. */
async function end(each: ChildProcess): Promise<void> {
  if (each.exitCode !== null || each.signalCode !== null) return;
  const late = setTimeout(() => each.kill('SIGKILL'), LONGEST_END_MS);
  each.kill('SIGTERM');
  await once(each, 'exit');
  clearTimeout(late);
}

const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const ended = Promise.race(processes.map((each) => once(each, 'exit')));
const reason = await Promise.race([stopped.then(() => 'stopped'), ended.then(() => 'failed')]);
await Promise.all(processes.map(end));
await cloud.close();
process.exit(reason === 'stopped' ? 0 : 1);
