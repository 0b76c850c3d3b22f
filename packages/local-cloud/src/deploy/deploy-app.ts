import { join } from 'node:path';
import type { LocalCloud } from '../local-cloud.ts';
import { bundleFunction } from './bundle.ts';
import { type DeployedMachine, deployMachines, machineArn } from './deploy-machines.ts';
import { type DeployedResources, deployResources } from './deploy-resources.ts';
import { deployTriggers } from './deploy-triggers.ts';
import { type AppService, machinesTemplate, type ReadOptions, readService, serviceTemplates } from './read-app.ts';
import type { AppFunction } from './read-function.ts';

export interface DeployOptions {
  /** Directory with `services/` and `stepfunctions/`. */
  readonly root: string;
  readonly stage?: string;
  /** Values for `${param:…}`. ARNs of the app's own functions and machines (`<key>Arn`, `<key>MachineArn`) are there already. */
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface DeployedFunction {
  readonly service: string;
  readonly key: string;
  readonly name: string;
  /** With the published version. */
  readonly arn: string;
  readonly version: string;
  readonly changed: boolean;
}

export interface DeployedApp extends DeployedResources {
  readonly functions: readonly DeployedFunction[];
  readonly machines: readonly DeployedMachine[];
  /** The app's own files that the deployment was made from: what `watchApp` watches. */
  readonly sources: readonly string[];
}

/** Makes a local cloud hold an app as its templates describe it. What is unchanged stays as it is; changed code becomes a new version, a changed definition updates its machine. */
export async function deployApp(cloud: LocalCloud, { root, stage = 'local', parameters = {} }: DeployOptions): Promise<DeployedApp> {
  const { account, region } = cloud;
  const options: ReadOptions = { stage, account, region, parameters: { ...(await ownMachines(cloud, { root, stage, parameters })), ...parameters } };
  const services = await Promise.all(serviceTemplates(root).map((file) => readService(file, options)));
  const functions = (await Promise.all(services.map((service) => deployFunctions(cloud, service, root)))).flat();
  const arns = Object.fromEntries(functions.map(({ deployed }) => [`${deployed.key}Arn`, deployed.arn]));
  const machinesFile = machinesTemplate(root);
  const machines = machinesFile === undefined ? [] : [await readService(machinesFile, { ...options, parameters: { ...arns, ...options.parameters } })];
  const resources: DeployedResources[] = [];
  for (const service of [...services, ...machines]) resources.push(await deployResources(cloud, service));
  const triggers: string[] = [];
  for (const service of services) for (const fn of service.functions) triggers.push(...(await deployTriggers(cloud, fn)));
  const deployedMachines: DeployedMachine[] = [];
  for (const service of machines) deployedMachines.push(...(await deployMachines(cloud, service)));
  return {
    functions: functions.map(({ deployed }) => deployed),
    machines: deployedMachines,
    buckets: resources.flatMap(({ buckets }) => buckets),
    tables: resources.flatMap(({ tables }) => tables),
    parameters: resources.flatMap((each) => each.parameters),
    rules: [...resources.flatMap(({ rules }) => rules), ...triggers],
    ignored: resources.flatMap(({ ignored }) => ignored),
    sources: [...new Set([...serviceTemplates(root), ...(machinesFile === undefined ? [] : [machinesFile]), ...functions.flatMap(({ sources }) => sources)])],
  };
}

/** A machine's ARN follows from its name, so functions may be told of machines that are deployed after them. */
async function ownMachines(cloud: LocalCloud, { root, stage, parameters }: Required<DeployOptions>): Promise<Record<string, string>> {
  const file = machinesTemplate(root);
  if (file === undefined) return {};
  const { machines } = await readService(file, { stage, account: cloud.account, region: cloud.region, parameters });
  return Object.fromEntries(machines.map(({ key, name }) => [`${key}MachineArn`, machineArn(name, cloud)]));
}

async function deployFunctions(cloud: LocalCloud, service: AppService, root: string): Promise<{ deployed: DeployedFunction; sources: readonly string[] }[]> {
  const bundles = await Promise.all(service.functions.map((fn) => bundleFunction({ root, name: join(service.name, fn.key), entry: fn.entry })));
  return Promise.all(
    service.functions.map(async (fn, index) => ({
      deployed: await deployFunction(cloud, { service, fn, code: bundles[index]?.code }),
      sources: bundles[index]?.sources ?? [],
    })),
  );
}

async function deployFunction(
  cloud: LocalCloud,
  { service, fn, code }: { service: AppService; fn: AppFunction; code: Buffer | undefined },
): Promise<DeployedFunction> {
  const { key, name, exportName, memorySize, timeout, environment, settings } = fn;
  const { version, changed } = await cloud.functions.deploy({
    name,
    bundle: code ?? Buffer.alloc(0),
    config: { exportName, memorySize, timeout, environment },
    settings,
  });
  return { service: service.name, key, name, version: version.version, changed, arn: cloud.functions.arnOf(name, version.version) };
}
