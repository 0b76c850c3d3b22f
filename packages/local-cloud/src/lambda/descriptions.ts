import type { Alias, FunctionSettings, FunctionVersion } from './function-config.ts';

type ArnOf = (functionName: string, qualifier?: string) => string;

/** A version as GetFunctionConfiguration shows it. */
export function describeVersion(version: FunctionVersion, arnOf: ArnOf): object {
  return {
    FunctionName: version.functionName,
    FunctionArn: arnOf(version.functionName, version.version),
    Runtime: version.uploaded?.runtime ?? 'nodejs24.x',
    Handler: version.uploaded?.handler ?? `index.${version.exportName}`,
    Role:
      version.uploaded?.role ??
      arnOf(version.functionName).replace(
        /^arn:aws:lambda:[^:]+:(\d+):function:(.*)$/,
        'arn:aws:iam::$1:role/$2',
      ),
    CodeSize: version.uploaded?.size ?? version.codeSize,
    CodeSha256: version.uploaded?.sha256 ?? Buffer.from(version.codeSha256, 'hex').toString('base64'),
    Timeout: version.timeout,
    MemorySize: version.memorySize,
    LastModified: new Date(version.modifiedAt).toISOString().replace('Z', '+0000'),
    Version: version.version,
    Environment: { Variables: version.environment },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: ['arm64'],
  };
}

/** A function as GetFunction shows it. */
export function describeFunction(
  version: FunctionVersion,
  { arnOf, settings }: { arnOf: ArnOf; settings: FunctionSettings },
): object {
  return {
    Configuration: describeVersion(version, arnOf),
    ...(settings.reservedConcurrency !== undefined && { Concurrency: describeReserved(settings) }),
    Tags: {},
  };
}

/** What a function has to itself, as GetFunctionConcurrency shows it; nothing where it has nothing. */
export function describeReserved({ reservedConcurrency: places }: FunctionSettings): object {
  return places === undefined ? {} : { ReservedConcurrentExecutions: places };
}

/** An alias as GetAlias shows it. */
export function describeAlias(
  { functionName, name, version, description, weights }: Alias,
  arnOf: ArnOf,
): object {
  const routing =
    Object.keys(weights).length === 0 ? {} : { RoutingConfig: { AdditionalVersionWeights: weights } };
  return {
    AliasArn: arnOf(functionName, name),
    Name: name,
    FunctionVersion: version,
    Description: description,
    ...routing,
  };
}
