import type { Environment } from '@statebag/step-kit';
import type { Outside } from '@statebag/steps';
import {
  boundedProviders,
  deployedNodes,
  deployedSecrets,
  guardedHttp,
  type LlmConfig,
  type LlmProviders,
  type MoneyConfig,
  openProviders,
  readLlmConfig,
  readMoneyConfig,
  readSsmParameter,
} from '@statebag/workflow';
import { causesShowValues } from './causes-show-values.ts';
import { invokeFunction } from './invoke-function.ts';
import { openTable, refuseCancelled } from './refuse-cancelled.ts';
import { spendBook } from './spend-book.ts';

/** Environment of the runner, on top of what every step has. */
export interface RunnerConfig extends LlmConfig, MoneyConfig {
  /** Hosts that api_call may reach although their address lies inside. */
  readonly httpAllowedHosts: readonly string[];
  /** Whether causes of failures hold values of the state. */
  readonly causesShowValues: boolean;
  /** The folder of the project's node types, where packaging did not bring them. */
  readonly ownNodes: string | undefined;
  /** Whose secrets nodes may use. */
  readonly stage: string;
  /**
   * Where cancelled runs are marked, and what runs spend is counted; a deployment without one asks nobody,
   * and each invocation counts for itself.
   */
  readonly runsTable: string | undefined;
}

/** The ways to the outside of a deployed runner. @throws `Contract.Misconfigured` naming the variable */
export function openOutside(environment: Environment): Outside {
  const config = readRunnerConfig(environment);
  const refuse = refuseCancelled(config.runsTable);
  const book = spendBook(config.runsTable);
  return {
    providers: withPlaces(openProviders(config, readSsmParameter), config),
    http: guardedHttp({ allowed_hosts: config.httpAllowedHosts }),
    invoke: invokeFunction,
    nodes: deployedNodes(config.ownNodes),
    showsValues: config.causesShowValues,
    secret: deployedSecrets(config.stage),
    mayCall: refuse,
    mayGoOn: refuse,
    prices: config.prices,
    ...(config.ownersDay && { ownersDay: config.ownersDay }),
    ...(book && { book }),
  };
}

/** Where calls of a provider are limited they take places in the table of runs, opened with the first of them. */
function withPlaces(providers: LlmProviders, config: RunnerConfig): LlmProviders {
  const { runsTable } = config;
  if (runsTable === undefined) return providers;
  let opened: ReturnType<typeof openTable> | undefined;
  return boundedProviders(providers, config, {
    async take(...place) {
      opened ??= openTable(runsTable);
      return (await opened).calls.take(...place);
    },
  });
}

/** The environment, read whole before the first event. @throws as `openOutside` does */
export function readRunnerConfig(environment: Environment): RunnerConfig {
  return {
    ...readLlmConfig(environment),
    ...readMoneyConfig(environment),
    httpAllowedHosts: listOf(environment['HTTP_ALLOWED_HOSTS']),
    causesShowValues: causesShowValues(environment),
    ownNodes: environment['OWN_NODES'] || undefined,
    stage: environment['STAGE'] || 'none',
    runsTable: environment['RUNS_TABLE'] || undefined,
  };
}

/** `a.example, b.example` */
function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
}
