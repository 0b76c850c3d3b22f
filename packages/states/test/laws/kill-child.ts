/**
 * The process that dies: starts the machine, or takes it up again, and ends itself at the n-th point that it
 * passes.
 */
import { begin, log, openWorld } from './kill-world.ts';

const [dataDir = '', points = ''] = process.argv.slice(2);
let left = Number(points);
const world = openWorld(dataDir, () => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
});
world.engine.start();
await begin(world.engine);
log(dataDir, { what: 'started', key: 'run' });
