import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { overlay } from '../package/overlay.ts';
import type { Template } from '../package/template.ts';
import { appOptions, appTemplate } from '../project/app-template.ts';
import { deployables } from '../stacks.ts';

/**
 * A program of its own, `make-app.ts <root> <file> <name=value…>`: the framework makes the templates of all services,
 * in this one process and without their code, and the file gets them as one (`AppTemplate`). What is given besides
 * are choices that change more than a text.
 */
const [root = '', target = '', ...chosen] = process.argv.slice(2);
const require = createRequire(join(root, 'package.json'));
const home = dirname(require.resolve('serverless/package.json'));
const FILE = 'serverless.yml';

/** Plugins that make code, or serve it. */
const OF_CODE = ['serverless-esbuild', 'serverless-offline'];

/** What a template says, as far as it is changed here. */
interface Configuration {
  plugins: readonly string[];
  readonly functions?: object;
  package?: { readonly artifact: string };
  readonly stepFunctions?: { validate?: boolean };
}

interface Place {
  readonly serviceDir: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const scratch = mkdtempSync(join(tmpdir(), 'statebag-templates-'));
const NO_CODE = join(scratch, 'none.zip');

try {
  writeFileSync(NO_CODE, zipSync({ none: new Uint8Array() }));
  const templates = new Map<string, Template>();
  for (const folder of deployables(root)) templates.set(folder, await packaged(folder));
  writeFileSync(target, JSON.stringify(appTemplate(templates)));
} catch (error) {
  // for a person: the framework's stack says nothing of a template
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  process.chdir(root);
  rmSync(scratch, { recursive: true, force: true });
}

/** What `serverless package` makes of a folder, but for the code. */
async function packaged(folder: string): Promise<Template> {
  const { path: serviceDir, remove } = overlay(root, folder);
  try {
    process.chdir(serviceDir);
    const options = optionsOf(appOptions());
    const configuration: Configuration = await framework('configuration/read')(join(serviceDir, FILE));
    leaveOutCode(configuration);
    const variablesMeta = await resolved(configuration, { serviceDir, options });
    const serverless = new (require('serverless'))({
      ...{ configuration, variablesMeta, serviceDir, options },
      configurationFilename: FILE,
      commands: ['package'],
    });
    await serverless.init();
    // `npm run package` checks the same files with the framework's schema, which takes seconds to compile.
    serverless.configSchemaHandler.validateConfig = async () => {};
    await serverless.run();
    return serverless.service.provider.compiledCloudFormationTemplate;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${folder}: ${message.replaceAll(serviceDir, join(root, folder))}`, { cause: error });
  } finally {
    process.chdir(root);
    remove();
  }
}

/** As the command line would read them. */
function optionsOf(given: readonly string[]): Place['options'] {
  const after = (name: string): string[] => given.filter((_, index) => given[index - 1] === name);
  return { stage: after('--stage')[0], param: [...after('--param'), ...chosen] };
}

/** Code is bundled elsewhere, and the local cloud checks definitions itself. */
function leaveOutCode(configuration: Configuration): void {
  configuration.plugins = configuration.plugins.filter((name) => !OF_CODE.includes(name));
  if (configuration.functions !== undefined) configuration.package = { artifact: NO_CODE };
  if (configuration.stepFunctions !== undefined) configuration.stepFunctions.validate = false;
}

/** Resolves all variables, in place. @throws where one has no value */
async function resolved(
  configuration: Configuration,
  { serviceDir, options }: Place,
): Promise<ReadonlyMap<string, { readonly error?: Error }>> {
  const variablesMeta: Map<string, { readonly error?: Error }> = framework(
    'configuration/variables/resolve-meta',
  )(configuration);
  const source = (name: string) => framework(`configuration/variables/sources/${name}`);
  const instance = { configurationInput: configuration, processedInput: { options } };
  const sources = {
    env: source('env'),
    file: source('file'),
    opt: source('opt'),
    self: source('self'),
    sls: source('instance-dependent/get-sls')(),
    param: source('instance-dependent/param')(instance),
    aws: source('instance-dependent/get-aws')(instance),
  };
  await framework('configuration/variables/resolve')({
    ...{ serviceDir, configuration, variablesMeta, sources, options },
    fulfilledSources: new Set(Object.keys(sources)),
  });
  const failed = [...variablesMeta.values()].flatMap(({ error }) => error ?? []);
  if (failed.length > 0) throw new AggregateError(failed, failed.map(({ message }) => message).join('\n'));
  return variablesMeta;
}

function framework(path: string) {
  return require(join(home, 'lib', path));
}
