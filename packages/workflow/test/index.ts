export { arbitraryWorkflow, type WorkflowCase } from './arbitrary-workflow.ts';
export { runInSegments, TEST_RUN } from './run-in-segments.ts';
