import { createRequire } from 'node:module';
import { READY_BUNDLE } from '@statebag/local-cloud';
import { markOf, marksIn, STAGE_MARK, withoutMarks } from '../package/marks.ts';
import { members, ofType, type Template } from '../package/template.ts';
import { problemsOf } from '../package/template-rules.ts';
import { composedValues, parameters } from '../stacks.ts';
import { type AppTemplate, isOfResources, moduleOf, prefixOf } from './app.ts';
import { filledApp } from './filled-app.ts';
import { renamed } from './renamed.ts';

/** Options that make the framework leave marks for the stage, for choices, and for what services tell each other. */
export function appOptions(): string[] {
  const names = [
    ...Object.keys(choices()),
    ...[...composedValues().values()].flatMap((told) => Object.keys(told)),
  ];
  const open = [...new Set(names)].flatMap((name) => ['--param', `${name}=${markOf(name)}`]);
  return ['--stage', STAGE_MARK, ...open];
}

/** Outputs that a person or a program asks a deployed stage for. */
const OUTPUTS = ['ApiUrl', 'HttpApiId', 'StateBucketName', 'RunsTableName', 'V3LiveArn'];

/** One template of the packaged templates of all services, by their folders. */
export function appTemplate(packaged: ReadonlyMap<string, Template>): AppTemplate {
  const own = new Map([...packaged].map(([folder, template]) => [folder, inApp(folder, template)]));
  const tells = composedValues();
  const merged = [...own].map(([folder, template]) => {
    const told = tells.get(folder) ?? {};
    return withoutMarks(template, (name) => {
      const said = told[name];
      if (said === undefined || name in choices()) return undefined;
      return saidValue(own.get(said.folder), said.output);
    }) as Template; // of the same form
  });
  const outputs = merged.flatMap(({ Outputs = {} }) => Object.entries(Outputs));
  const Resources: Template['Resources'] = Object.assign({}, ...merged.map((each) => each.Resources));
  refuseLost(Resources);
  return {
    Resources,
    Outputs: Object.fromEntries(
      OUTPUTS.map((name) => [name, { Value: saidValue({ Outputs: Object.fromEntries(outputs) }, name) }]),
    ),
    choices: choices(),
    functions: Object.fromEntries(
      [...own].flatMap(([folder, template]) =>
        ofType(template, 'AWS::Lambda::Function').map(({ id, Properties }) => [
          id,
          `${folder}/${moduleOf(String(Properties?.['Handler']))}${READY_BUNDLE}`,
        ]),
      ),
    ),
  };
}

/** A choice that leaves no mark has changed something else, as nobody would choose it. */
function refuseLost(resources: Template['Resources']): void {
  const open = marksIn(resources);
  for (const name of Object.keys(choices()))
    if (!open.includes(name))
      throw new Error(`${name} is more than a text in a template: name it in OF_RESOURCES`);
}

const BUCKET = 'ServerlessDeploymentBucket';

/** What is wrong with the app as a project without choices has it. */
export function appProblems(app: AppTemplate): readonly string[] {
  const template = filledApp(app, { stage: 'dev', region: 'us-east-1', choices: {} });
  // the framework adds the bucket of deployments
  return problemsOf(template).filter((problem) => !problem.startsWith(`refers to ${BUCKET},`));
}

function choices(): AppTemplate['choices'] {
  const meanings: Readonly<Record<string, string>> = createRequire(import.meta.url)('../../choices.cjs');
  const all = parameters().filter(({ name }) => name in meanings && !isOfResources(name));
  return Object.fromEntries(
    all.map(({ name, meaning = '', defaults }) => [name, { meaning, otherwise: defaults[0] ?? '' }]),
  );
}

/** Names of a service's resources that no other service has; a version of a function is called after it alone. */
export function inApp(folder: string, template: Template): Template {
  const prefix = prefixOf(folder);
  const versions = ofType(template, 'AWS::Lambda::Version').map(({ id, Properties }) => ({
    id,
    called: `${String(members(Properties?.['FunctionName'])['Ref'])}Version`,
  }));
  const nameOf = (id: string): string => {
    const version = versions.find((each) => id.startsWith(each.id));
    const called = version === undefined ? id : id.replace(version.id, version.called);
    return `${prefix}${called.replace(STAGE_MARK, '')}`;
  };
  const { [BUCKET]: _, [`${BUCKET}Policy`]: __, ...rest } = template.Resources;
  return renamed({ Resources: rest, Outputs: template.Outputs ?? {} }, nameOf);
}

function saidValue(template: Pick<Template, 'Outputs'> | undefined, output: string) {
  const said = template?.Outputs?.[output] as { readonly Value?: { readonly Ref: string } } | undefined; // CloudFormation's form
  if (said?.Value === undefined) throw new Error(`no service says ${output}`);
  return said.Value;
}
