// Its server on the disk, and a service in this process that the server calls.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { answering, bound, freePort, keptPort, post, stopped } from './process.mjs';
import { allSteps } from './work.mjs';

export async function open({ modules, data }) {
  const require = createRequire(join(modules, 'package.json'));
  const restate = require('@restatedev/restate-sdk');
  const [ingress, admin, node, own] = await Promise.all([
    ...[freePort(), freePort(), freePort()],
    keptPort(join(data, 'port')),
  ]);
  const binary = join(modules, `node_modules/@restatedev/restate-server-linux-${arch()}/bin/restate-server`);
  const server = bound(
    spawn(binary, ['--no-logo'], {
      env: environment({ data, ingress, admin, node }),
      stdio: 'ignore',
    }),
  );
  const handlers = {
    run: (context, state) => allSteps(state, (name, work) => context.run(name, work)),
  };
  restate.serve({ services: [restate.service({ name: 'bench', handlers })], port: own });
  await answering(`http://127.0.0.1:${ingress}/restate/health`);
  await answering(`http://127.0.0.1:${admin}/health`);
  await post(`http://127.0.0.1:${admin}/deployments`, { uri: `http://127.0.0.1:${own}`, force: true });
  const run = (id, state) => post(`http://127.0.0.1:${ingress}/bench/run`, state, { 'idempotency-key': id });
  return {
    run,
    again: (id, state) => patiently(() => run(id, state)),
    close: () => stopped(server),
  };
}

/** A server that has just started refuses what it does not lead yet. */
async function patiently(attempt) {
  for (let attempts = 100; ; attempts--) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts === 0) throw error;
      await pause(100);
    }
  }
}

function environment({ data, ingress, admin, node }) {
  return {
    PATH: process.env.PATH,
    RESTATE_BASE_DIR: data,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_DEFAULT_NUM_PARTITIONS: '4',
    RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '512MB',
    RESTATE_DISABLE_TELEMETRY: 'true',
    DO_NOT_TRACK: '1',
    RUST_LOG: 'warn',
  };
}
