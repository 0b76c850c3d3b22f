import type { LocalCloud } from '../../src/cloud/local-cloud.ts';
import { DEFAULT_SETTINGS, type FunctionSettings } from '../../src/lambda/function-config.ts';
import type { FunctionDefinition } from '../../src/lambda/lambda.ts';

/** Deploys a function whose exported handler is the expression `code`. */
export function deployCode(
  cloud: LocalCloud,
  name: string,
  code: string,
  {
    config = {},
    settings = {},
  }: { config?: Partial<FunctionDefinition['config']>; settings?: Partial<FunctionSettings> } = {},
) {
  return cloud.functions.deploy({
    name,
    bundle: Buffer.from(`exports.handler = ${code};`),
    config: { exportName: 'handler', memorySize: 128, timeout: 3, environment: {}, ...config },
    settings: { ...DEFAULT_SETTINGS, ...settings },
  });
}
