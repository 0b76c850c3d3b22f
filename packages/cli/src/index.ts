/** What the project's own tools need of the command line: how the API is served on one machine, and files. */
export { serveApi } from './cloud/serve-api.ts';
export { UsageError } from './exit.ts';
export { loadInput } from './run/load-files.ts';
export { checkWorkflow } from './run/load-workflow.ts';
