// What machines, functions and steps count: what alarms watch and the dashboard draws.

/** Every function that is deployed, by service. */
const DEPLOYED = {
  'state-data-manager': [
    'initializeStateData',
    'stateDataManager',
    'storeTaskToken',
    'beatApprovals',
    'dispatchStarts',
    'recordStatusChange',
    'loadLatestState',
    'saveLatestState',
    'mergeCallback',
  ],
  'segment-runner': ['executeSegment', 'prepareDistributedExecution', 'processSegmentChunk'],
  'async-llm': ['asyncLlmHandler', 'answerFailedCall'],
  aggregator: ['aggregateDistributedResults', 'aggregateResults'],
  shadow: ['beginShadow', 'recordShadow', 'replaySegment', 'answerReplay', 'refuseReplay'],
  'workflow-api': [
    'startRun',
    'listRuns',
    'getRun',
    'runHistory',
    'runTrace',
    'runDefinition',
    'runState',
    'runCalls',
    'listApprovals',
    'runApprovals',
    'approveRun',
    'rejectRun',
    'cancelRun',
    'resumeRun',
    'forkRun',
    'createUpload',
  ],
};
const FUNCTIONS = Object.entries(DEPLOYED).flatMap(([service, keys]) =>
  keys.map((key) => `${service}-STAGE-${key}`),
);
/** Those whose throttling holds up runs: what the dashboard draws. */
const HOLDING_UP = [
  'initializeStateData',
  'stateDataManager',
  'storeTaskToken',
  'executeSegment',
  'processSegmentChunk',
  'asyncLlmHandler',
  'aggregateDistributedResults',
  'startRun',
];
/** What each service calls itself in its metrics. The API counts none: its lines are in its logs. */
const SERVICES = ['state-data-manager', 'segment-runner', 'async-llm', 'aggregator'];

const MACHINES = ['v3', 'v3-distributed', 'legacy', 'legacy-distributed'];
/** Those that users' runs begin on. */
const BEGINNINGS = ['v3', 'legacy'];

const machineMetric =
  (name, machines = MACHINES) =>
  (stage) =>
    machines.map((machine) => ({
      Namespace: 'AWS/States',
      MetricName: name,
      Dimensions: [
        {
          Name: 'StateMachineArn',
          Value: {
            'Fn::Sub': `arn:aws:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:statebag-${machine}-${stage}`,
          },
        },
      ],
    }));
const functionMetric =
  (name, functions = FUNCTIONS) =>
  (stage) =>
    functions.map((key) => ({
      Namespace: 'AWS/Lambda',
      MetricName: name,
      Dimensions: [{ Name: 'FunctionName', Value: `statebag-${key.replace('STAGE', stage)}` }],
    }));
const stepMetric =
  (name, services = SERVICES) =>
  (stage) =>
    services.map((service) => ({
      Namespace: `Statebag-${stage}`,
      MetricName: name,
      Dimensions: [{ Name: 'service', Value: service }],
    }));

/** Events that a service could not take in, after all tries. */
const lostEvents = (stage) =>
  ['state-data-manager', 'shadow'].map((service) => ({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: `statebag-${service}-lost-events-${stage}` }],
  }));

const heldUpBy = FUNCTIONS.filter((name) => HOLDING_UP.includes(name.split('-').at(-1)));

module.exports = { BEGINNINGS, FUNCTIONS, functionMetric, heldUpBy, lostEvents, machineMetric, stepMetric };
