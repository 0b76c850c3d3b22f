// In this process, over a Postgres of its own with the settings it comes with (fsync on).
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bound, freePort, stopped } from './process.mjs';
import { allSteps } from './work.mjs';

const VERSIONS = '/usr/lib/postgresql';

/** The database is a server of its own: it lives on where the process is killed. */
export function outside({ data }) {
  return startPostgres(join(data, 'postgres'));
}

export async function open({ modules, outside: systemDatabaseUrl }) {
  const { DBOS } = createRequire(join(modules, 'package.json'))('@dbos-inc/dbos-sdk');
  DBOS.setConfig({
    ...{ name: 'bench', systemDatabaseUrl },
    // what was under way is taken up by a process that calls itself the same
    ...{ executorID: 'bench', applicationVersion: '1' },
    runAdminServer: false,
    logLevel: 'error',
  });
  const workflow = DBOS.registerWorkflow(
    (state) => allSteps(state, (name, work) => DBOS.runStep(work, { name })),
    { name: 'bench' },
  );
  await DBOS.launch();
  return {
    run: async (id, state) => (await DBOS.startWorkflow(workflow, { workflowID: id })(state)).getResult(),
    close: () => DBOS.shutdown(),
  };
}

async function startPostgres(folder) {
  const bin = join(VERSIONS, readdirSync(VERSIONS).sort().at(-1), 'bin');
  const user = userOfPostgres();
  mkdirSync(folder, { recursive: true });
  if (user.uid !== undefined) {
    chownSync(folder, user.uid, user.gid);
    // the user of Postgres has to get through to it
    chmodSync(dirname(folder), 0o711);
  }
  execFileSync(join(bin, 'initdb'), ['-D', folder, '-A', 'trust', '-U', 'postgres'], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  const settings = ['-D', folder, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const server = bound(spawn(join(bin, 'postgres'), settings, { ...user, cwd: folder, stdio: 'ignore' }));
  const at = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  await ready(() => execFileSync(join(bin, 'createdb'), [...at, 'bench'], { stdio: 'ignore' }));
  // SIGINT: a fast shutdown
  return { url: `postgresql://postgres@127.0.0.1:${port}/bench`, stop: () => stopped(server, 'SIGINT') };
}

/** Postgres refuses to run as root: then it runs as the user that its package has made. */
function userOfPostgres() {
  if (process.getuid() !== 0) return {};
  const number = (which) => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

async function ready(attempt) {
  for (let attempts = 100; ; attempts--) {
    try {
      attempt();
      return;
    } catch (error) {
      if (attempts === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
