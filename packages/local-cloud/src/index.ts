/** AWS on one machine: Step Functions, Lambda, S3, DynamoDB, EventBridge, SSM and CloudWatch Logs behind one signed loopback endpoint. */
export { type BundledFunction, bundleApp } from './deploy/bundle-app.ts';
export { type DeployedApp, type DeployOptions, deployApp, deployMachinesAlone } from './deploy/deploy-app.ts';
export { DeployError, type Plain, readTemplate } from './deploy/template.ts';
export { type AppWatch, type WatchEvents, watchApp } from './deploy/watch-app.ts';
export type { RecordedCall } from './gateway/call-recorder.ts';
export { DataDirInUse, findRunningCloud, type RunningCloud } from './gateway/data-dir-lock.ts';
export { type LocalCloud, type LocalCloudOptions, startLocalCloud } from './local-cloud.ts';
