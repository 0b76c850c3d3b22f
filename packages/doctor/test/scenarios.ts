import type { Json, JsonObject } from '@statebag/contracts';

/** A machine as somebody wrote it, and what happens to it. */
export interface Scenario {
  /** What it shows. */
  readonly about: string;
  /** The rules that must find something: those of histories, and of the definition those that matter here. */
  readonly expected: readonly string[];
  readonly definition: JsonObject;
  readonly input?: Json;
  readonly functions?: Readonly<Record<string, (event: never) => unknown>>;
  /** Functions that take a token and never answer. */
  readonly taken?: readonly string[];
  readonly machines?: Readonly<Record<string, JsonObject>>;
  /** An execution that has no end is looked at after so many turns. */
  readonly stopsAfter?: number;
  readonly includeExecutionData?: boolean;
  /** So many events at the beginning are lost. */
  readonly withoutEvents?: number;
}

/** Text of so many bytes. */
function prose(bytes: number, seed = 1): string {
  const sentence = `Pallet ${seed} was shipped to Rotterdam with the invoice of the second order. `;
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
}

const LAMBDA = 'arn:aws:states:::lambda:invoke';
const task = (FunctionName: string, more: JsonObject): JsonObject => ({
  Type: 'Task',
  Resource: LAMBDA,
  Parameters: { FunctionName, 'Payload.$': '$' },
  ...more,
});
const asking = (FunctionName: string, more: JsonObject): JsonObject => ({
  Type: 'Task',
  Resource: `${LAMBDA}.waitForTaskToken`,
  Parameters: { FunctionName, Payload: { 'token.$': '$$.Task.Token', 'order.$': '$.order' } },
  ...more,
});
const query = (FunctionName: string, more: JsonObject): JsonObject => ({
  Type: 'Task',
  Resource: LAMBDA,
  Arguments: { FunctionName, Payload: '{% $states.input %}' },
  ...more,
});
const machine = (StartAt: string, States: JsonObject, more: JsonObject = {}): JsonObject => ({
  StartAt,
  States,
  ...more,
});
const failing = (name: string, message: string) => () => {
  throw Object.assign(new Error(message), { name });
};

const pages = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, page) => ({ page, text: prose(bytes, page + 1) }));
const RETRY = { ErrorEquals: ['Lambda.ServiceException'], MaxAttempts: 2 };
const ORDER = { order: { id: 'o-17', lines: 3 } };

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'wall-after-result-path': {
    about: 'reply and input fit alone, and not together: past the Catch',
    expected: ['D201'],
    definition: machine('Read', {
      Read: task('read', { ResultPath: '$.document', Next: 'Review' }),
      Review: task('review', {
        ResultPath: '$.review',
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Excuse' }],
        Next: 'Publish',
      }),
      Publish: task('publish', {
        Parameters: { FunctionName: 'publish', Payload: { 'status.$': '$.review.Payload.status' } },
        End: true,
      }),
      Excuse: { Type: 'Pass', End: true },
    }),
    functions: {
      read: () => ({ pages: pages(30, 4_500) }),
      review: () => ({ status: 'ok', remarks: pages(30, 4_800) }),
      publish: () => 'done',
    },
  },
  'wall-at-the-reply': {
    about: 'the reply of a function is over the limit, and a Catch for States.TaskFailed does not match',
    expected: ['D201'],
    definition: machine('Read', {
      Read: task('read', {
        Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'Excuse' }],
        ResultPath: '$.document',
        Next: 'Count',
      }),
      Count: task('count', {
        Parameters: { FunctionName: 'count', 'Payload.$': '$.document.Payload.pages' },
        End: true,
      }),
      Excuse: { Type: 'Pass', End: true },
    }),
    functions: { read: () => ({ pages: pages(60, 4_700) }), count: () => 60 },
  },
  'wall-in-a-map': {
    about: 'an inline Map gathers more than 256 KB of results',
    expected: ['D201', 'D111'],
    definition: machine('Each', {
      Each: {
        Type: 'Map',
        ItemsPath: '$.invoices',
        ItemProcessor: machine('Extract', {
          Extract: task('extract', { OutputPath: '$.Payload', End: true }),
        }),
        Next: 'Book',
      },
      Book: task('book', { End: true }),
    }),
    input: { invoices: Array.from({ length: 60 }, (_, id) => ({ id })) },
    functions: {
      extract: ({ id }: { id: number }) => ({ id, text: prose(5_000, id + 1) }),
      book: () => 'ok',
    },
  },
  'wall-in-a-parallel': {
    about: 'branches hand back the input that they were given',
    expected: ['D201', 'D113'],
    definition: machine('Both', {
      Both: {
        Type: 'Parallel',
        Branches: [
          machine('Tags', { Tags: task('tags', { ResultPath: '$.tags', End: true }) }),
          machine('Language', { Language: task('language', { ResultPath: '$.language', End: true }) }),
          machine('Mood', { Mood: task('mood', { ResultPath: '$.mood', End: true }) }),
        ],
        Next: 'Store',
      },
      Store: task('store', { End: true }),
    }),
    input: { text: prose(95_000) },
    functions: { tags: () => ['a'], language: () => 'en', mood: () => 'calm', store: () => 'ok' },
  },
  'wall-jsonata': {
    about: 'a JSONata machine merges reply after reply into its data',
    expected: ['D201'],
    definition: machine(
      'Read',
      {
        Read: query('read', {
          Output: "{% $merge([$states.input, {'pages': $states.result.Payload.pages}]) %}",
          Next: 'Translate',
        }),
        Translate: query('translate', {
          Output: "{% $merge([$states.input, {'translated': $states.result.Payload.pages}]) %}",
          Next: 'Publish',
        }),
        Publish: query('publish', {
          Arguments: { FunctionName: 'publish', Payload: '{% $states.input.translated %}' },
          End: true,
        }),
      },
      { QueryLanguage: 'JSONata' },
    ),
    functions: {
      read: () => ({ pages: pages(30, 4_600) }),
      translate: () => ({ pages: pages(30, 4_700) }),
      publish: () => 'ok',
    },
  },
  'close-to-the-wall': {
    about: 'it succeeds with 225 KB at one transition, most of which nobody reads',
    expected: ['D202', 'D210'],
    definition: machine('Scan', {
      Scan: task('scan', { ResultPath: '$.scan', Next: 'Decide' }),
      Decide: {
        Type: 'Choice',
        Choices: [{ Variable: '$.scan.Payload.status', StringEquals: 'clean', Next: 'Accept' }],
        Default: 'Refuse',
      },
      Accept: task('accept', {
        Parameters: { FunctionName: 'accept', Payload: { 'id.$': '$.order.id' } },
        End: true,
      }),
      Refuse: { Type: 'Fail', Error: 'Unclean' },
    }),
    input: { ...ORDER, attachment: prose(120_000) },
    functions: { scan: () => ({ status: 'clean', report: prose(105_000, 5) }), accept: () => 'ok' },
  },
  'loop-fills-the-history': {
    about: 'it asks every 30 seconds whether a job is done, until the history is full',
    expected: ['D203', 'D114'],
    definition: machine('Ask', {
      Ask: task('ask', { ResultPath: '$.job', Next: 'Done?' }),
      'Done?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.job.Payload.done', BooleanEquals: true, Next: 'End' }],
        Default: 'Rest',
      },
      Rest: { Type: 'Wait', Seconds: 30, Next: 'Ask' },
      End: { Type: 'Succeed' },
    }),
    functions: { ask: () => ({ done: false }) },
  },
  'map-fills-the-history': {
    about: 'a list of 3,000 items in an inline Map takes more events than an execution may have',
    expected: ['D203', 'D116'],
    definition: machine('Each', {
      Each: {
        Type: 'Map',
        ItemsPath: '$.keys',
        MaxConcurrency: 40,
        ItemProcessor: machine('Copy', {
          Copy: task('copy', { ResultPath: null, Next: 'Mark' }),
          Mark: { Type: 'Pass', Result: 1, End: true },
        }),
        ResultPath: null,
        End: true,
      },
    }),
    input: { keys: Array.from({ length: 3_000 }, (_, key) => key) },
    functions: { copy: () => null },
  },
  'retries-in-vain': {
    about: 'an order that is not valid is tried four times',
    expected: ['D204', 'D206'],
    definition: machine('Charge', {
      Charge: task('charge', { Retry: [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 3 }], End: true }),
    }),
    input: ORDER,
    functions: { charge: failing('ValidationError', 'the order has no currency') },
  },
  'approval-timed-out': {
    about: 'nobody answered within a day',
    expected: ['D205', 'D207', 'D103'],
    definition: machine('Approve', { Approve: asking('tell', { TimeoutSeconds: 86_400, End: true }) }),
    input: ORDER,
    functions: { tell: () => null },
    taken: ['tell'],
  },
  'approval-waits-for-ever': {
    about: 'it still waits for a token, and nothing ends that',
    expected: ['D205', 'D101'],
    definition: machine('Approve', { Approve: asking('tell', { End: true }) }),
    input: ORDER,
    functions: { tell: () => null },
    taken: ['tell'],
    stopsAfter: 50,
  },
  'heartbeat-lost': {
    about: 'the worker that held the token died',
    expected: ['D205', 'D207'],
    definition: machine('Render', {
      Render: asking('render', { TimeoutSeconds: 7_200, HeartbeatSeconds: 300, End: true }),
    }),
    input: ORDER,
    functions: { render: () => null },
    taken: ['render'],
  },
  'catch-lost-the-data': {
    about: 'a Catch without ResultPath replaced the data, and the next state found nothing',
    expected: ['D208', 'D109'],
    definition: machine('Reserve', {
      Reserve: task('reserve', {
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Tell' }],
        ResultPath: '$.reserved',
        End: true,
      }),
      Tell: task('tell', {
        Parameters: { FunctionName: 'tell', Payload: { 'id.$': '$.order.id' } },
        End: true,
      }),
    }),
    input: ORDER,
    functions: { reserve: failing('OutOfStock', 'nothing left'), tell: () => 'ok' },
  },
  'no-choice': {
    about: 'a kind of message that nobody thought of',
    expected: ['D115'],
    definition: machine('Kind?', {
      'Kind?': { Type: 'Choice', Choices: [{ Variable: '$.kind', StringEquals: 'invoice', Next: 'Book' }] },
      Book: { Type: 'Succeed' },
    }),
    input: { kind: 'reminder' },
  },
  'right-missing': {
    about: 'the role may not call the function',
    expected: ['D209'],
    definition: machine('Notify', { Notify: task('notify', { Retry: [RETRY], End: true }) }),
    input: ORDER,
    functions: {
      notify: failing(
        'AccessDeniedException',
        'User: arn:aws:sts::111111111111:assumed-role/worker/notify is not authorized to perform: sns:Publish on resource: arn:aws:sns:eu-west-1:111111111111:orders because no identity-based policy allows it',
      ),
    },
  },
  'function-timed-out': {
    about: 'Lambda ended the function after three seconds, in every try',
    expected: ['D204', 'D212'],
    definition: machine('Render', {
      Render: task('render', { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }], End: true }),
    }),
    functions: {
      render: failing('Sandbox.Timedout', 'RequestId: 1c0f Error: Task timed out after 3.00 seconds'),
    },
  },
  'child-failed': {
    about: 'an execution that it started has failed',
    expected: ['D211', 'D206'],
    definition: machine('Ship', {
      Ship: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: {
          StateMachineArn: 'arn:aws:states:eu-west-1:111111111111:stateMachine:shipping',
          'Input.$': '$',
        },
        End: true,
      },
    }),
    machines: {
      shipping: machine('Label', {
        Label: { Type: 'Fail', Error: 'NoAddress', Cause: 'the order has no address' },
      }),
    },
    input: ORDER,
  },
  'jsonata-expression-failed': {
    about: 'an expression of a JSONata machine finds no text where it needs one',
    expected: [],
    definition: machine(
      'Pick',
      { Pick: { Type: 'Pass', Output: '{% $uppercase($states.input.order.lines) %}', End: true } },
      { QueryLanguage: 'JSONata' },
    ),
    input: ORDER,
  },
  'execution-timed-out': {
    about: 'the whole execution took longer than its TimeoutSeconds',
    expected: ['D207'],
    definition: machine(
      'Rest',
      { Rest: { Type: 'Wait', Seconds: 7_200, End: true } },
      { TimeoutSeconds: 3_600 },
    ),
  },
  'data-not-recorded': {
    about: 'execution data is not in the history, so nothing can be measured',
    expected: [],
    definition: machine('Charge', {
      Charge: task('charge', { TimeoutSeconds: 60, Retry: [RETRY], OutputPath: '$.Payload', End: true }),
    }),
    input: ORDER,
    functions: { charge: () => 'ok' },
    includeExecutionData: false,
  },
  'page-lost': {
    about: 'the first events are missing',
    expected: [],
    definition: machine('Charge', {
      Charge: task('charge', { TimeoutSeconds: 60, Retry: [RETRY], OutputPath: '$.Payload', Next: 'Done' }),
      Done: { Type: 'Succeed' },
    }),
    input: ORDER,
    functions: { charge: () => 'ok' },
    withoutEvents: 3,
  },
  healthy: {
    about: 'nothing is wrong with it',
    expected: [],
    definition: machine('Charge', {
      Charge: task('charge', { TimeoutSeconds: 60, Retry: [RETRY], OutputPath: '$.Payload', Next: 'Done' }),
      Done: { Type: 'Succeed' },
    }),
    input: ORDER,
    functions: { charge: () => ({ receipt: 'r-1' }) },
  },
};
