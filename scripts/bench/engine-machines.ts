import type { StateMachineDefinition } from 'aws-local-stepfunctions';

/** How often the counting machine goes around. */
export const LOOPS = 3_000;
/** A Pass and a Choice per loop, the last Choice, and the ends. */
export const STATES_OF_COUNTING = 2 * LOOPS + 3;
/** Calls of one execution of the calling machine. */
export const TASKS = 20;

/** Counts up: nothing but Pass and Choice. */
export const COUNTING: StateMachineDefinition = {
  StartAt: 'Begin',
  States: {
    Begin: {
      Type: 'Pass',
      Parameters: { count: 0, 'loops.$': '$.loops', user: { name: 'a name', tags: ['x', 'y'] } },
      Next: 'Again',
    },
    Again: {
      Type: 'Choice',
      Choices: [{ Variable: '$.count', NumericLessThanPath: '$.loops', Next: 'Add' }],
      Default: 'Done',
    },
    Add: {
      Type: 'Pass',
      Parameters: { 'count.$': 'States.MathAdd($.count, 1)', 'loops.$': '$.loops', 'user.$': '$.user' },
      Next: 'Again',
    },
    Done: { Type: 'Succeed' },
  },
};

/** Calls a function again and again. */
export const CALLING: StateMachineDefinition = {
  StartAt: 'Call',
  States: {
    Call: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:echo', Next: 'Count' },
    Count: { Type: 'Pass', Parameters: { 'tasks.$': 'States.MathAdd($.tasks, -1)' }, Next: 'Again' },
    Again: {
      Type: 'Choice',
      Choices: [{ Variable: '$.tasks', NumericGreaterThan: 0, Next: 'Call' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

/** A distributed map over a file, in batches, with its results in a bucket. */
export const EACH_BATCH = {
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      MaxConcurrency: 100,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSONL' },
        Parameters: { Bucket: 'bench', Key: 'items.jsonl' },
      },
      ItemBatcher: { MaxItemsPerBatch: 100 },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Call',
        States: {
          Call: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:echo', End: true },
        },
      },
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Parameters: { Bucket: 'bench', Prefix: 'results' },
      },
      End: true,
    },
  },
};
