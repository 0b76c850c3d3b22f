import { type Comparison, compareRuns, type SeenRun, type WritersOf } from '@statebag/rollout';
import { compileWorkflow, type Workflow } from '@statebag/workflow';

/** Compares a run with its replay; the workflow tells who writes what. */
export function compareReplay(run: SeenRun, replay: SeenRun, workflow: Workflow): Comparison {
  return compareRuns(run, replay, writersOf(workflow));
}

function writersOf(workflow: Workflow): WritersOf {
  const nodes = [...compileWorkflow(workflow).segments.values()].flatMap(({ flow }) => Object.values(flow.nodes));
  return (field) => nodes.filter(({ writes }) => writes.includes(field)).map(({ id }) => id);
}
