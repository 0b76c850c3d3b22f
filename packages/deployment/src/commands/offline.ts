/**
 * `npm run offline [-- --service workflow-api … --port 4700 --data-dir .statebag]`: serves the HTTP API and
 * the Lambda endpoints of the services by
 * serverless-offline, over a local cloud that runs the state machines. Until it is stopped.
 */
import { once } from 'node:events';
import { commandOptions, refuseCommand } from '../command-options.ts';
import { LOCAL_APP } from '../local-app.ts';
import { localToken, SERVED, serveOffline } from '../offline.ts';

const USAGE = `usage: npm run offline -- [--service <name>…] [--port <number>] [--data-dir <dir>]
Serves the HTTP API and the Lambda endpoints of services by serverless-offline, until it is stopped.
services: ${SERVED.join(', ')}`;

const { values } = commandOptions(USAGE, {
  options: {
    service: { type: 'string', multiple: true, default: [...SERVED] },
    port: { type: 'string', default: '4700' },
    'data-dir': { type: 'string', default: '.statebag' },
  },
});
const { service: services, 'data-dir': dataDir } = values;
const port = Number(values.port);
const unknown = services.filter((name) => !SERVED.includes(name));
if (unknown.length > 0) refuseCommand(`unknown service ${unknown.join(', ')}`, USAGE);
if (!Number.isInteger(port) || port < 1 || port > 65_000) refuseCommand(`${values.port} is no port`, USAGE);

const { endpoints, cloud, ended, close } = await serveOffline({ services, port, dataDir });
for (const { name, http, lambda } of endpoints) console.log(`${name}: HTTP at ${http}, Lambda at ${lambda}`);
console.log(`local cloud: ${cloud.endpoint}, stage ${LOCAL_APP.stage}\ntoken: ${localToken()}`);

const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const reason = await Promise.race([stopped.then(() => 'stopped'), ended.then(() => 'failed')]);
await close();
process.exit(reason === 'stopped' ? 0 : 1);
