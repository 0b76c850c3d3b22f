/**
 * AWS on one machine: Step Functions, Lambda, S3, DynamoDB, SQS, EventBridge, SSM and CloudWatch Logs behind
 * one signed loopback endpoint.
 */
export { type LocalCloud, startLocalCloud } from './cloud/local-cloud.ts';
export type { LocalCloudOptions } from './cloud/settings.ts';
export type { UsedRight } from './cloud/use-recorder.ts';
export { READY_BUNDLE } from './deploy/bundle.ts';
export { type BundledFunction, bundleApp } from './deploy/bundle-app.ts';
export { type DeployedApp, type DeployOptions, deployApp, deployMachinesAlone } from './deploy/deploy-app.ts';
export { DeployError, type Plain, readTemplate } from './deploy/template.ts';
export { type AppWatch, type WatchEvents, watchApp } from './deploy/watch-app.ts';
export { DataDirInUse, findRunningCloud, type RunningCloud } from './gateway/data-dir-lock.ts';
export { DataDirUnusable } from './gateway/private-dir.ts';
export { deployOwnApp, type OwnApp, type OwnAppOptions } from './own-app/deploy-own-app.ts';
export { watchOwnApp } from './own-app/watch-own-app.ts';
export { type QuotaSet, QuotasInvalid, readQuotas } from './quotas/quota-set.ts';
