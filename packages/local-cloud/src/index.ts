/**
 * AWS on one machine: Step Functions, Lambda, S3, DynamoDB, SQS, EventBridge, SSM and CloudWatch Logs behind
 * one signed loopback endpoint.
 */
export { type LocalCloud, startLocalCloud } from './cloud/local-cloud.ts';
export type { LocalCloudOptions } from './cloud/settings.ts';
export type { UsedRight } from './cloud/use-recorder.ts';
export { KEPT_BUNDLES } from './cloudformation/providers/lambda-code.ts';
export { type Bundle, bundleFunction, READY_BUNDLE } from './deploy/bundle.ts';
export { DeployError } from './deploy/deploy-error.ts';
export { type LookedAt, type Stamps, stampAll, stampsNow } from './deploy/stamps.ts';
export { type AppWatch, watchFiles } from './deploy/watch-files.ts';
export { writeWhole } from './deploy/write-whole.ts';
export { DataDirInUse, findRunningCloud, type RunningCloud } from './gateway/data-dir-lock.ts';
export { DataDirUnusable } from './gateway/private-dir.ts';
export { deployOwnApp, type OwnApp, type OwnAppOptions } from './own-app/deploy-own-app.ts';
export { watchOwnApp } from './own-app/watch-own-app.ts';
export { type QuotaSet, QuotasInvalid, readQuotas } from './quotas/quota-set.ts';
