import { executionId } from '@statebag/contracts/ids';
import { compileWorkflow, type Workflow } from '@statebag/workflow';
import { type Recorded, readFixture } from './fixture.ts';
import { nodesGiven, readTested, type TestedDocument, type TestedNodes } from './read-tested.ts';
import { recordedPeople, recordedWays } from './recorded-ways.ts';
import { leftBehindBy, type TestRun } from './run-workflow.ts';

/** What a test of a fixture may give. */
export interface FixtureOptions {
  /** The workflow as it is now; without it the one that the run had. */
  readonly workflow?: TestedDocument;
  /** Node types of the project, as for `runWorkflow`. */
  readonly nodes?: TestedNodes;
}

/** A run that was made from a fixture, beside the recorded one. */
export interface FixtureRun extends TestRun {
  readonly recorded: Recorded;
}

/**
 * Runs a recorded run again, in this process: its input, answers and decisions, on its workflow or on another one.
 * @throws where a call or a question comes up that the fixture has no answer for
 */
export async function fromFixture(
  at: string | URL,
  { workflow, nodes }: FixtureOptions = {},
): Promise<FixtureRun> {
  const fixture = await readFixture(at);
  const tested =
    workflow === undefined
      ? {
          compiled: compileWorkflow(fixture.workflow as unknown as Workflow), // it was read from a definition
          nodes: await nodesGiven(nodes),
        }
      : await readTested(workflow, nodes);
  const { input, start_time: clock, decisions, recorded } = fixture;
  const options = {
    input,
    clock,
    approve: recordedPeople(decisions),
    ways: recordedWays(fixture),
    run: executionId(fixture.execution_id),
  };
  return leftBehindBy(tested, options, async ({ run }) => ({ ...run, recorded }));
}
