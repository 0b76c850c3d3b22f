/** What the project's own tools need of the command line: how the app is deployed on one machine, and how its API is served there. */
export { LOCAL_APP } from './cloud/local-app.ts';
export { localDeployment } from './cloud/local-deployment.ts';
export { serveApi } from './cloud/serve-api.ts';
export { priced } from './cost/amounts.ts';
export { type Rehearsal, rehearse } from './cost/rehearse.ts';
export { amountsOfRun } from './cost/run-amounts.ts';
export { UsageError } from './exit.ts';
export { loadInput } from './run/load-files.ts';
export { checkWorkflow } from './run/load-workflow.ts';
