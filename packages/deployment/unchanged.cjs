// A deployment that changes nothing is skipped by the framework, which compares hashes of what it packaged with those
// of what it uploaded. Two things would make them differ, or never be compared.

/** Stands for the folder that bundles are built in, which is another one for each process. */
const WORK_FOLDER = '.esbuild';

module.exports = class Unchanged {
  constructor(serverless) {
    const hasFunctions = () => serverless.service.getAllFunctions().length > 0;
    this.hooks = {
      'before:aws:package:finalize:saveServiceState': () => {
        const { esbuild } = serverless.service.custom ?? {};
        if (esbuild !== undefined) esbuild.outputWorkFolder = WORK_FOLDER;
      },
      'before:aws:deploy:deploy:checkForChanges': () => {
        if (hasFunctions()) return;
        const provider = serverless.getProvider('aws');
        const deploying = serverless.pluginManager
          .getPlugins()
          .find((plugin) => plugin.getFunctionsEarliestLastModifiedDate !== undefined);
        deploying.getFunctionsEarliestLastModifiedDate = () => lastUpdate(provider);
      },
    };
  }
};

/**
 * When a stack without functions was last updated, in the place of when its functions were: what was uploaded after
 * that belongs to a deployment that failed.
 */
async function lastUpdate(provider) {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
  try {
    const StackName = provider.naming.getStackName();
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    return updatedAt(stack);
  } finally {
    client.destroy();
  }
}

/** A stack that was rolled back is as it was before what was uploaded last. */
function updatedAt({ StackStatus, LastUpdatedTime, CreationTime } = {}) {
  const isWhole = StackStatus === 'UPDATE_COMPLETE' || StackStatus === 'CREATE_COMPLETE';
  return isWhole ? (LastUpdatedTime ?? CreationTime) : new Date(0);
}

module.exports.updatedAt = updatedAt;
