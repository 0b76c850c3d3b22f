// Keeps nothing: a task state for each step, run in this process.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { STEPS, step } from './work.mjs';

export async function open({ modules }) {
  const { StateMachine } = createRequire(join(modules, 'package.json'))('aws-local-stepfunctions');
  const states = Object.fromEntries(
    Array.from({ length: STEPS }, (_, index) => [
      `s${index}`,
      {
        Type: 'Task',
        Resource: 'arn:aws:lambda:us-east-1:000000000000:function:step',
        InputPath: `$.f${index}`,
        ResultPath: `$.f${index + 10}`,
        ...(index === STEPS - 1 ? { End: true } : { Next: `s${index + 1}` }),
      },
    ]),
  );
  const machine = new StateMachine({ StartAt: 's0', States: states });
  const taskResourceLocalHandlers = Object.fromEntries(Object.keys(states).map((name) => [name, step]));
  return {
    inMemory: true,
    run: (_id, state) => machine.run(state, { overrides: { taskResourceLocalHandlers } }).result,
    close: async () => {},
  };
}
