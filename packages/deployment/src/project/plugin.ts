import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { members, type Resource, type Template } from '../package/template.ts';
import { type Access, type DeployedAccount, openAccount } from './account.ts';
import { type AppTemplate, ProjectError } from './app.ts';
import { bundledNodes, type Code, codeOf, type Files, runsNodes } from './code.ts';
import { filledApp } from './filled-app.ts';
import { withVersions } from './versions.ts';

/** What the framework gives a plugin, as far as this one uses it. */
interface Serverless {
  readonly serviceDir: string;
  readonly processedInput: { readonly commands: readonly string[] };
  readonly service: {
    readonly service: string;
    readonly custom?: { readonly statebag?: Settings };
    readonly package: { readonly deploymentBucket?: string };
    readonly provider: { compiledCloudFormationTemplate: Template; readonly shouldNotDeploy?: boolean };
  };
  readonly configSchemaHandler: { defineCustomProperties(schema: object): void };
  getProvider(name: 'aws'): {
    getStage(): string;
    getRegion(): string;
    readonly naming: { getStackName(): string };
    getDeploymentPrefix(): string;
    getServerlessDeploymentBucketName(): Promise<string>;
    getAwsSdkV3Config(): Promise<Access>;
  };
}

/** `custom.statebag` of a project's serverless.yml. */
interface Settings {
  /** The folder with its node types. */
  readonly nodes?: string;
  /** What every stage chooses, and what one does. */
  readonly everywhere?: Choices;
  readonly stages?: Readonly<Record<string, Choices>>;
}
type Choices = Readonly<Record<string, string | number | boolean>>;

interface Log {
  readonly log?: { notice(text: string): void };
}

/** Where the package `statebag` lies, in which this is `packages/deployment/src/project`. */
const HOME = join(import.meta.dirname, '..', '..', '..', '..');
const APP = join(HOME, 'dist', 'app.json');

/**
 * The plugin `statebag/serverless`: puts the whole app into the stack of a project, and its code into the bucket
 * of deployments. What the project says of a resource (`resources.extensions`) goes before.
 */
export default class StatebagApp {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;
  readonly #serverless: Serverless;
  readonly #log: Log['log'];
  #code: ReadonlyMap<string, Code> = new Map();

  constructor(serverless: Serverless, _options: unknown, { log }: Log = {}) {
    this.#serverless = serverless;
    this.#log = log;
    serverless.configSchemaHandler.defineCustomProperties(SCHEMA);
    const merge = 'aws:package:finalize:mergeCustomProviderResources';
    this.hooks = {
      [`before:${merge}`]: () => this.#addApp(),
      [`after:${merge}`]: () => this.#finish(),
      'before:aws:deploy:deploy:uploadArtifacts': () => this.#upload(),
      'after:deploy:finalize': () => this.#sayWhere(),
    };
  }

  async #addApp(): Promise<void> {
    // `npm run pack-packages` wrote it
    const app = JSON.parse(readFileSync(APP, 'utf8')) as AppTemplate;
    const { serviceDir, service } = this.#serverless;
    const { nodes: folder = 'nodes', everywhere = {}, stages = {} } = service.custom?.statebag ?? {};
    const aws = this.#serverless.getProvider('aws');
    const [stage, region] = [aws.getStage(), aws.getRegion()];
    const given = Object.entries({ ...everywhere, ...stages[stage] });
    const choices = {
      ...(await this.#asked()),
      ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    };
    const { Resources, Outputs = {} } = filledApp(app, { stage, region, choices });
    const nodes = await bundledNodes(serviceDir, folder);
    const made = Object.entries(Resources).map(([id, resource]) => {
      const file = app.functions[id];
      if (file === undefined) return [id, resource] as const;
      const bundle = readFileSync(join(HOME, file));
      return [id, this.#withCode(id, { resource, bundle, nodes })] as const;
    });
    const { provider } = this.#serverless.service;
    const template = provider.compiledCloudFormationTemplate;
    provider.compiledCloudFormationTemplate = {
      ...template,
      Resources: { ...template.Resources, ...Object.fromEntries(made) },
      Outputs: { ...template.Outputs, ...Outputs },
    };
  }

  /** What the account can do, where the project does not say it. Packaging asks nobody. */
  async #asked(): Promise<Readonly<Record<string, string>>> {
    if (!this.#isDeployed()) return {};
    const { atOnceOf }: Asking = createRequire(import.meta.url)('../../functions-at-once.cjs');
    return { functionsAtOnce: String(atOnceOf(await this.#withAccount((account) => account.places()))) };
  }

  #isDeployed(): boolean {
    return this.#serverless.processedInput.commands[0] === 'deploy';
  }

  #withCode(
    id: string,
    {
      resource,
      bundle,
      nodes,
    }: { readonly resource: Resource; readonly bundle: Uint8Array; readonly nodes: Files },
  ): Resource {
    const { Properties = {} } = resource;
    const code = codeOf(String(Properties['Handler']), bundle, nodes);
    this.#code = new Map([...this.#code, [id, code]]);
    const Code = {
      S3Bucket: this.#serverless.service.package.deploymentBucket ?? { Ref: 'ServerlessDeploymentBucket' },
      S3Key: `${this.#prefix()}/${code.key}`,
    };
    const variables = members(members(Properties['Environment'])['Variables']);
    const hasNodes = runsNodes(bundle) && Object.keys(nodes).length > 0;
    const Environment = { Variables: { ...variables, ...(hasNodes && { OWN_NODES: 'nodes#' }) } };
    return { ...resource, Properties: { ...Properties, Code, Environment } };
  }

  #prefix(): string {
    const aws = this.#serverless.getProvider('aws');
    return `${aws.getDeploymentPrefix()}/${this.#serverless.service.service}/${aws.getStage()}/statebag`;
  }

  async #finish(): Promise<void> {
    const { provider } = this.#serverless.service;
    const shas = new Map([...this.#code].map(([id, { sha256 }]) => [id, sha256]));
    const versioned = withVersions(provider.compiledCloudFormationTemplate, shas);
    provider.compiledCloudFormationTemplate = this.#isDeployed()
      ? await this.#withoutKept(versioned)
      : versioned;
  }

  /** What outlived an earlier stack, and is there already, is used as it is. */
  #withoutKept(template: Template): Promise<Template> {
    const aws = this.#serverless.getProvider('aws');
    return this.#withAccount(async (account) =>
      adopted().withoutAdopted(template, {
        account: await account.id(),
        region: aws.getRegion(),
        isOwn: (id: string) => account.isOwn(aws.naming.getStackName(), id),
        exists: account.exists,
        onAdopted: ({ id, name }: Record<'id' | 'name', string>) =>
          this.#log?.notice(`${id}: ${name} is there already and stays as it is`),
      }),
    );
  }

  async #upload(): Promise<void> {
    if (this.#serverless.service.provider.shouldNotDeploy === true) return;
    if (this.#code.size === 0)
      throw new ProjectError(
        'nothing was packaged\n  mend: deploy without --package; both are one command here',
      );
    const bucket = await this.#serverless.getProvider('aws').getServerlessDeploymentBucketName();
    await this.#withAccount(async (account) => {
      let sent = 0;
      for (const { key, zip } of this.#code.values())
        if (await account.put(bucket, `${this.#prefix()}/${key}`, zip)) sent += 1;
      this.#log?.notice(`${this.#code.size} functions of Statebag, of which ${sent} have new code`);
    });
  }

  async #sayWhere(): Promise<void> {
    const stack = this.#serverless.getProvider('aws').naming.getStackName();
    await this.#withAccount(async (account) => {
      const { ApiUrl, StateBucketName } = await account.outputs(stack);
      this.#log?.notice(`API:   ${ApiUrl}/runs\nstate: ${StateBucketName}`);
    });
  }

  async #withAccount<Result>(use: (account: DeployedAccount) => Promise<Result>): Promise<Result> {
    const aws = this.#serverless.getProvider('aws');
    const { credentials } = await aws.getAwsSdkV3Config();
    const account = openAccount({ region: aws.getRegion(), ...(credentials && { credentials }) });
    try {
      return await use(account);
    } finally {
      account.close();
    }
  }
}

interface Adopting {
  withoutAdopted(template: Template, account: object): Promise<Template>;
}

interface Asking {
  atOnceOf(unreserved: number): number;
}

function adopted(): Adopting {
  return createRequire(import.meta.url)('../../adopted.cjs');
}

const CHOICES = {
  type: 'object',
  additionalProperties: { anyOf: ['string', 'number', 'boolean'].map((type) => ({ type })) },
};
const SCHEMA = {
  type: 'object',
  properties: {
    statebag: {
      type: 'object',
      properties: {
        nodes: { type: 'string' },
        everywhere: CHOICES,
        stages: { type: 'object', additionalProperties: CHOICES },
      },
      additionalProperties: false,
    },
  },
};
