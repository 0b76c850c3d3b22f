import { join } from 'node:path';
import type { LocalCloud } from '../cloud/local-cloud.ts';
import type { BundleFile } from '../lambda/code-store.ts';
import { bundleFunction, type LookedAt } from './bundle.ts';
import { type DeployedMachine, deployMachines, startArn } from './deploy-machines.ts';
import { type DeployedResources, deployResources } from './deploy-resources.ts';
import { deployTriggers } from './deploy-triggers.ts';
import { keepFunctionRole } from './function-roles.ts';
import {
  type AppService,
  machineTemplates,
  type ReadOptions,
  readService,
  serviceTemplates,
} from './read-app.ts';
import type { AppFunction } from './read-function.ts';

export interface DeployOptions {
  /** Directory with `services/` and `stepfunctions/`. */
  readonly root: string;
  readonly stage?: string;
  /**
   * Values for `${param:…}`. ARNs of the app's own functions and machines (`<key>Arn`, `<key>MachineArn`) are
   * there already.
   */
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

/**
 * Makes a local cloud hold an app as its templates describe it. What is unchanged stays as it is; changed
 * code becomes a new version, a changed definition updates its machine.
 */
export async function deployApp(
  cloud: LocalCloud,
  { root, stage = 'local', parameters = {} }: DeployOptions,
): Promise<DeployedApp> {
  const read = (files: readonly string[], all: Readonly<Record<string, string>>) =>
    readServices(cloud, files, { stage, parameters: all, kept: keptIn(root) });
  const [serviceFiles, machineFiles] = [serviceTemplates(root), machineTemplates(root)];
  const machinesAtFirst = machineArns(cloud, await read(machineFiles, parameters));
  const services = await read(serviceFiles, { ...machinesAtFirst, ...parameters });
  const looked: LookedAt = new Map();
  // All at once: what is bundled together is parsed once.
  const functions = (
    await Promise.all(services.map((service) => deployFunctions(cloud, service, { root, looked })))
  ).flat();
  // what was just published is what definitions call, and what their role may call
  const machineServices = await read(machineFiles, { ...parameters, ...functionArns(functions) });
  const resources = await oneByOne([...services, ...machineServices], async (service) => [
    await deployResources(cloud, service),
  ]);
  const triggers = await oneByOne(
    services.flatMap((service) => service.functions),
    (fn) => deployTriggers(cloud, fn),
  );
  const machines = await oneByOne(machineServices, (service) => deployMachines(cloud, service));
  return {
    functions: functions.map(({ deployed }) => deployed),
    machines,
    buckets: resources.flatMap(({ buckets }) => buckets),
    tables: resources.flatMap(({ tables }) => tables),
    parameters: resources.flatMap((each) => each.parameters),
    rules: [...resources.flatMap(({ rules }) => rules), ...triggers],
    ignored: resources.flatMap(({ ignored }) => ignored),
    sources: [...new Set([...serviceFiles, ...machineFiles, ...functions.flatMap(({ sources }) => sources)])],
  };
}

/**
 * Only the state machines of an app, with the ARNs of functions that its template assumes: for whoever plays
 * the functions himself.
 */
export async function deployMachinesAlone(
  cloud: LocalCloud,
  { root, stage = 'local', parameters = {} }: DeployOptions,
): Promise<readonly DeployedMachine[]> {
  const kept = keptIn(root);
  const services = await readServices(cloud, machineTemplates(root), { stage, parameters, kept });
  return oneByOne(services, (service) => deployMachines(cloud, service));
}

interface BuiltFunction {
  readonly deployed: DeployedFunction;
  readonly sources: readonly string[];
}

const keptIn = (root: string) => join(root, '.build', 'templates');

function readServices(
  { account, region }: LocalCloud,
  files: readonly string[],
  options: Omit<ReadOptions, 'account' | 'region'>,
): Promise<AppService[]> {
  return Promise.all(files.map((file) => readService(file, { ...options, account, region })));
}

/**
 * A machine's ARN follows from its name, so functions may be told of machines that are deployed after them:
 * of the alias that runs start on, where there is one.
 */
function machineArns(cloud: LocalCloud, services: readonly AppService[]): Record<string, string> {
  const machines = services.flatMap((service) =>
    service.machines.map((machine) => [`${machine.key}MachineArn`, startArn(machine, service, cloud)]),
  );
  return Object.fromEntries(machines);
}

/** Machines call published versions: a changed function is a changed definition. */
function functionArns(functions: readonly BuiltFunction[]): Record<string, string> {
  return Object.fromEntries(functions.map(({ deployed }) => [`${deployed.key}Arn`, deployed.arn]));
}

function deployFunctions(
  cloud: LocalCloud,
  service: AppService,
  { root, looked }: { root: string; looked: LookedAt },
): Promise<BuiltFunction[]> {
  return Promise.all(
    service.functions.map(async (fn) => {
      const { file, sources } = await bundleFunction({
        root,
        name: join(service.name, fn.key),
        entry: fn.entry,
        bundling: service.bundling,
        looked,
      });
      return { sources, deployed: await deployFunction(cloud, { service: service.name, fn, bundle: file }) };
    }),
  );
}

async function deployFunction(
  cloud: LocalCloud,
  { service, fn, bundle }: { service: string; fn: AppFunction; bundle: BundleFile },
): Promise<DeployedFunction> {
  const { key, name, exportName, memorySize, timeout, environment } = fn;
  const role = keepFunctionRole(cloud.kept, cloud.account, fn.role);
  const { version, changed } = await cloud.functions.deploy({
    name,
    bundle,
    config: { exportName, memorySize, timeout, environment },
    settings: { ...fn.settings, role },
  });
  return {
    service,
    key,
    name,
    version: version.version,
    changed,
    arn: cloud.functions.arnOf(name, version.version),
  };
}

/** What one template makes, the next may refer to. */
async function oneByOne<Item, Made>(
  items: readonly Item[],
  make: (item: Item) => Promise<readonly Made[]>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const item of items) made.push(...(await make(item)));
  return made;
}
