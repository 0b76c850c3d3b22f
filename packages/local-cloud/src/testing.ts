import type { LocalCloudOptions } from './cloud/settings.ts';

export { virtualClock } from '@statebag/states';
export { PAYLOAD_LIMITS } from './lambda/function-config.ts';
export { openQuotas } from './quotas/quotas.ts';

/**
 * For a cloud whose data are thrown away: nothing is synced, and every function of an app stays warm instead
 * of giving way to another.
 */
export const THROWN_AWAY = { durable: false, maxSandboxes: 24 } as const satisfies Partial<LocalCloudOptions>;
