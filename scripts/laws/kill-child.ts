/** The process that dies: starts the machine, or takes it up again, and ends itself at the n-th point that it passes. */
import { DEFINITION, INPUT, log, openWorld } from './kill-world.ts';

const [dataDir = '', points = ''] = process.argv.slice(2);
let left = Number(points);
const world = openWorld(dataDir, () => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
});
const { actions } = world.engine;
world.engine.start();
await actions['CreateStateMachine']?.({ name: 'law', definition: JSON.stringify(DEFINITION), roleArn: 'role' });
await actions['StartExecution']?.({ stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:law', name: 'run', input: INPUT });
log(dataDir, { what: 'started', key: 'run' });
