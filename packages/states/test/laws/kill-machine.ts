/** Items of the map. */
const ITEMS = 200;
/** Items of the distributed map, which come in batches of three. */
const SPREAD = 30;
export const ARN = 'arn:aws:states:us-east-1:000000000000:';
export const EXECUTION = `${ARN}execution:law:run`;

const call = (key: string, rest: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'work', Payload: { 'key.$': key } },
  ResultSelector: { 'did.$': '$.Payload.did' },
  End: true,
  ...rest,
});

/** The same in JSONata. */
const query = (key: string, rest: object) => ({
  Type: 'Task',
  QueryLanguage: 'JSONata',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'work', Payload: { key } },
  ...rest,
});

/** A machine that the other one starts and waits for. */
export const CHILD = {
  StartAt: 'Nap',
  States: {
    Nap: { Type: 'Wait', Seconds: 60, Next: 'ChildWork' },
    ChildWork: call("States.Format('child')"),
  },
};

/**
 * Branches beside each other: a chain of tasks with variables and JSONata, a map, a wait, a callback, a distributed map, a child
 * execution.
 */
export const DEFINITION = {
  StartAt: 'Everything',
  States: {
    Everything: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'First',
          States: {
            First: query('chain-1', {
              Assign: { next: "{% 'chain-2' %}", first: '{% $states.result.Payload.did %}' },
              Next: 'Second',
            }),
            Second: query('{% $next %}', {
              Output: { did: '{% $states.result.Payload.did %}', after: '{% $first %}' },
              End: true,
            }),
          },
        },
        {
          StartAt: 'Each',
          States: {
            Each: {
              Type: 'Map',
              ItemsPath: '$.items',
              MaxConcurrency: 20,
              ItemProcessor: { StartAt: 'One', States: { One: call("States.Format('item-{}', $)") } },
              End: true,
            },
          },
        },
        {
          StartAt: 'Rest',
          States: {
            Rest: { Type: 'Wait', Seconds: 3600, Next: 'AfterRest' },
            AfterRest: call("States.Format('after-wait')"),
          },
        },
        {
          StartAt: 'Ask',
          States: {
            Ask: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
              Parameters: { FunctionName: 'ask', Payload: { key: 'ask', 'token.$': '$$.Task.Token' } },
              TimeoutSeconds: 86_400,
              End: true,
            },
          },
        },
        {
          StartAt: 'Spread',
          States: {
            Spread: {
              Type: 'Map',
              ItemsPath: '$.spread',
              MaxConcurrency: 4,
              ItemBatcher: { MaxItemsPerBatch: 3 },
              ItemProcessor: {
                ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
                StartAt: 'Batch',
                States: { Batch: call("States.Format('batch-{}', $.Items[0])") },
              },
              End: true,
            },
          },
        },
        {
          StartAt: 'Delegate',
          States: {
            Delegate: {
              Type: 'Task',
              Resource: 'arn:aws:states:::states:startExecution.sync:2',
              Parameters: { StateMachineArn: `${ARN}stateMachine:child`, Name: 'child-run' },
              OutputPath: '$.Output',
              End: true,
            },
          },
        },
      ],
      End: true,
    },
  },
};

export const INPUT = JSON.stringify({
  items: Array.from({ length: ITEMS }, (_, index) => index),
  spread: Array.from({ length: SPREAD }, (_, index) => index),
});

/** What the execution comes to, however often its process dies. */
export const OUTPUT = [
  { did: 'chain-2', after: 'chain-1' },
  Array.from({ length: ITEMS }, (_, index) => ({ did: `item-${index}` })),
  { did: 'after-wait' },
  { answered: true },
  Array.from({ length: SPREAD / 3 }, (_, index) => ({ did: `batch-${index * 3}` })),
  { did: 'child' },
];
