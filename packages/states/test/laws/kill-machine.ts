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

/** Items of the map in JSONata. */
const QUERIED = 12;

/** A map in JSONata whose iterations decide, assign, wait and call. */
const QUERY = {
  StartAt: 'Set',
  States: {
    Set: {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Assign: { factor: 3, list: `{% [1..${QUERIED}] %}` },
      Next: 'Query',
    },
    Query: {
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: '{% $list %}',
      MaxConcurrency: 5,
      ItemSelector: { n: '{% $states.context.Map.Item.Value * $factor %}' },
      ItemProcessor: {
        StartAt: 'Decide',
        States: {
          Decide: {
            Type: 'Choice',
            QueryLanguage: 'JSONata',
            Choices: [
              {
                Condition: '{% $states.input.n % 2 = 0 %}',
                Assign: { kind: 'even', m: '{% $states.input.n %}' },
                Next: 'Doze',
              },
            ],
            Assign: { kind: 'odd', m: '{% $states.input.n %}' },
            Default: 'Doze',
          },
          Doze: { Type: 'Wait', QueryLanguage: 'JSONata', Seconds: '{% $m * 60 %}', Next: 'Count' },
          Count: query('{% $kind & "-" & $string($m) %}', {
            Output: '{% $states.result.Payload.did %}',
            End: true,
          }),
        },
      },
      Output: '{% {"did": $states.result, "times": $factor} %}',
      End: true,
    },
  },
};

/** A wait for whoever takes a message out of a queue. */
const QUEUE = {
  StartAt: 'Post',
  States: {
    Post: {
      Type: 'Task',
      QueryLanguage: 'JSONata',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: {
        QueueUrl: 'queue',
        MessageBody: { key: 'post', token: '{% $states.context.Task.Token %}' },
      },
      HeartbeatSeconds: 7200,
      TimeoutSeconds: 86_400,
      Assign: { reply: '{% $states.result %}' },
      Next: 'Replied',
    },
    Replied: { Type: 'Pass', QueryLanguage: 'JSONata', Output: { reply: '{% $reply %}' }, End: true },
  },
};

/**
 * Branches beside each other: a chain of tasks with variables and JSONata, a map in each language, a wait, a
 * callback by a function and one by a queue, a distributed map, a child execution.
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
        QUERY,
        QUEUE,
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
  {
    did: Array.from({ length: QUERIED }, (_, index) => (index + 1) * 3).map(
      (n) => `${n % 2 === 0 ? 'even' : 'odd'}-${n}`,
    ),
    times: 3,
  },
  { reply: { answered: true } },
];
