import { ApiError } from '@statebag/states';
import type { Answer } from '../gateway/request.ts';
import { describeReserved } from './descriptions.ts';
import { json, type LambdaRequest, type LambdaRouteDeps } from './operation.ts';

/** Bytes (AWS documentation "Lambda quotas", read 2026-11). */
const CODE_LIMITS = {
  TotalCodeSize: 80_530_636_800,
  CodeSizeUnzipped: 262_144_000,
  CodeSizeZipped: 52_428_800,
} as const;

export async function getConcurrency(
  { address }: LambdaRequest,
  { registry }: LambdaRouteDeps,
): Promise<Answer> {
  registry.resolve(address.functionName, '$LATEST', () => 1);
  return json(describeReserved(registry.settings(address.functionName)));
}

export async function putConcurrency(
  { address: { functionName }, body }: LambdaRequest,
  { registry, concurrency, journal }: LambdaRouteDeps,
): Promise<Answer> {
  registry.resolve(functionName, '$LATEST', () => 1);
  const places = (await body())['ReservedConcurrentExecutions'];
  if (!Number.isSafeInteger(places) || Number(places) < 0)
    throw new ApiError(
      'InvalidParameterValueException',
      `ReservedConcurrentExecutions has to be a whole number from 0, not ${String(places)}`,
    );
  concurrency.check(functionName, Number(places));
  const settings = { ...registry.settings(functionName), reservedConcurrency: Number(places) };
  registry.configure(functionName, settings);
  await journal.flush();
  return json(describeReserved(settings));
}

export async function deleteConcurrency(
  { address: { functionName } }: LambdaRequest,
  { registry, journal }: LambdaRouteDeps,
): Promise<Answer> {
  registry.resolve(functionName, '$LATEST', () => 1);
  const { reservedConcurrency: _, ...settings } = registry.settings(functionName);
  registry.configure(functionName, settings);
  await journal.flush();
  return { status: 204, headers: {} };
}

export async function getAccountSettings(
  _: LambdaRequest,
  { registry, concurrency }: LambdaRouteDeps,
): Promise<Answer> {
  const latest = registry.names().map((name) => registry.resolve(name, '$LATEST', () => 1));
  const TotalCodeSize = latest.reduce((sum, { codeSize }) => sum + codeSize, 0);
  return json({
    AccountLimit: { ...CODE_LIMITS, ...concurrency.limits() },
    AccountUsage: { TotalCodeSize, FunctionCount: latest.length },
  });
}
