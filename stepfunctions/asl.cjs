// Loads a definition for the template and fills its ${Name}s. An unknown or unused name is an error: packaged
// literally it would only fail in production.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Substitution name -> where serverless.yml keeps its value. */
const V3 = {
  StateDataManagerArn: 'self:custom.stateDataManagerArn',
  ExecuteSegmentArn: 'self:custom.executeSegmentArn',
  StoreTaskTokenArn: 'self:custom.storeTaskTokenArn',
  AsyncLlmHandlerArn: 'self:custom.asyncLlmHandlerArn',
  V3DistributedMachineArn: 'self:custom.v3DistributedMachineArn',
  EventBusName: 'self:custom.eventBusName',
};

const V3_DISTRIBUTED = {
  StateDataManagerArn: 'self:custom.stateDataManagerArn',
  PrepareDistributedExecutionArn: 'self:custom.prepareDistributedExecutionArn',
  ProcessSegmentChunkArn: 'self:custom.processSegmentChunkArn',
  AggregateDistributedResultsArn: 'self:custom.aggregateDistributedResultsArn',
  StateBucketName: 'self:custom.stateBucket',
};

const LEGACY = {
  InitializeStateDataArn: 'self:custom.initializeStateDataArn',
  StateDataManagerArn: 'self:custom.stateDataManagerArn',
  ExecuteSegmentArn: 'self:custom.executeSegmentArn',
  LoadLatestStateArn: 'self:custom.loadLatestStateArn',
  SaveLatestStateArn: 'self:custom.saveLatestStateArn',
  MergeCallbackArn: 'self:custom.mergeCallbackArn',
  StoreTaskTokenArn: 'self:custom.storeTaskTokenArn',
  AsyncLlmHandlerArn: 'self:custom.asyncLlmHandlerArn',
  LegacyDistributedMachineArn: 'self:custom.legacyDistributedMachineArn',
  RunsTable: 'self:custom.runsTable',
  EventBusName: 'self:custom.eventBusName',
};

const LEGACY_DISTRIBUTED = {
  SaveLatestStateArn: 'self:custom.saveLatestStateArn',
  PrepareDistributedExecutionArn: 'self:custom.prepareDistributedExecutionArn',
  ProcessSegmentChunkArn: 'self:custom.processSegmentChunkArn',
  AggregateResultsArn: 'self:custom.aggregateResultsArn',
  StateBucketName: 'self:custom.stateBucket',
};

/**
 * v3 once more, for runs that are repeated to compare them: its segments and answers come from functions that
 * reach nothing.
 */
const SHADOW = {
  ...V3,
  ExecuteSegmentArn: 'self:custom.replaySegmentArn',
  StoreTaskTokenArn: 'self:custom.answerReplayArn',
  AsyncLlmHandlerArn: 'self:custom.refuseReplayArn',
};

/**
 * No Map has more iterations at once than the account lets functions work. A text that is no number bounds nothing:
 * a template that is made for any account does not know.
 */
function bounded(value, atOnce) {
  const most = Number(atOnce);
  if (!Number.isSafeInteger(most) || most < 1) return value;
  return JSON.parse(JSON.stringify(value), (key, each) =>
    key === 'MaxConcurrency' ? Math.min(each, most) : each,
  );
}

const load =
  (file, names) =>
  async ({ resolveVariable }) => {
    const values = Object.fromEntries(
      await Promise.all(
        Object.entries(names).map(async ([name, variable]) => [name, await resolveVariable(variable)]),
      ),
    );
    const used = new Set();
    const filled = (name) => {
      if (!(name in values)) throw new Error(`${file}: unknown substitution \${${name}}`);
      used.add(name);
      return values[name];
    };
    // What stands for itself may be more than a text: a Ref to a version of another machine.
    const text = readFileSync(join(__dirname, 'definitions', file), 'utf8').replace(
      /"\$\{(\w+)\}"|\$\{(\w+)\}/g,
      (_, whole, part) => (whole === undefined ? filled(part) : JSON.stringify(filled(whole))),
    );
    const unused = Object.keys(names).filter((name) => !used.has(name));
    if (unused.length > 0) throw new Error(`${file}: nothing uses the substitution ${unused.join(', ')}`);
    return bounded(JSON.parse(text), await resolveVariable('self:custom.functionsAtOnce'));
  };

/** No time passes, nobody is told, and a list is not shared out among workers: that no replay is made of. */
const shadowOf = ([name, state]) => {
  const { Type, Resource, ResultPath, Next, Comment } = state;
  if (Type === 'Wait') return [name, { Comment, Type: 'Pass', Next }];
  if (Resource === 'arn:aws:states:::events:putEvents')
    return [name, { Comment, Type: 'Pass', ResultPath, Next }];
  if (name === 'RunDistributedMap')
    return [
      name,
      {
        Type: 'Fail',
        Error: 'Rollout.NotComparable',
        Cause: 'a list that many workers share is not run again',
      },
    ];
  return [name, state];
};

const shadowMachine = (v3) => ({
  ...v3,
  Comment: 'v3 as it repeats runs to compare them.',
  States: Object.fromEntries(Object.entries(v3.States).map(shadowOf)),
});

/** A machine by its name, with its ${Name}s left in: what a deployed one is compared with. */
module.exports.unfilled = (name, functionsAtOnce = '') => {
  const text = (file) => readFileSync(join(__dirname, 'definitions', `${file}.asl.json`), 'utf8');
  const read = (file) => bounded(JSON.parse(text(file)), functionsAtOnce);
  return name === 'shadow' ? shadowMachine(read('v3')) : read(name);
};

module.exports.shadow = async (context) => shadowMachine(await load('v3.asl.json', SHADOW)(context));
module.exports.v3 = load('v3.asl.json', V3);
module.exports.v3Distributed = load('v3-distributed.asl.json', V3_DISTRIBUTED);
module.exports.legacy = load('legacy.asl.json', LEGACY);
module.exports.legacyDistributed = load('legacy-distributed.asl.json', LEGACY_DISTRIBUTED);
