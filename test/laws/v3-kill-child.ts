/**
 * `node v3-kill-child.ts <data dir> <call>`: goes on with the one run of a data directory, and dies in the
 * middle of the given Lambda call.
 */
import { ExecutionAlreadyExists } from '@aws-sdk/client-sfn';
import { canonicalJson } from '@statebag/state-core';
import { DeployedTestApp } from '../deployed-app.ts';
import { FAULT_WORKFLOW } from '../fault-workflow.ts';

const [dataDir = '', callToDieAt = '-1'] = process.argv.slice(2);
let calls = 0;
const app = await DeployedTestApp.open({
  dataDir,
  approves: true,
  between: async (invocation, invoke) => {
    const dies = calls++ === Number(callToDieAt);
    const answered = invoke(invocation);
    if (!dies) return answered;
    // Even calls die before the function has answered, odd ones after: its effects are there, its answer is
    // not.
    if (Number(callToDieAt) % 2 === 1) await answered;
    process.kill(process.pid, 'SIGKILL');
    return answered;
  },
});
const NAME = 'killed';
const started = await app.start(FAULT_WORKFLOW, { name: NAME }).catch((error: unknown) => {
  // it has ended while the app was opened
  if (error instanceof ExecutionAlreadyExists)
    return `${app.machineArn().replace(':stateMachine:', ':execution:')}:${NAME}`;
  throw error;
});
const run = await app.end(started);
console.log(
  JSON.stringify({
    status: run.status,
    error: run.error,
    calls,
    state: run.envelope ? canonicalJson(await app.state(run)) : '',
  }),
);
await app.close();
