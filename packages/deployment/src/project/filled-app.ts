import { type Filling, STAGE_MARK, withoutMarks } from '../package/marks.ts';
import type { Resource, Template } from '../package/template.ts';
import { type AppTemplate, ProjectError } from './app.ts';

export interface Wanted {
  readonly stage: string;
  readonly region: string;
  /** By the name of the choice. */
  readonly choices: Readonly<Record<string, string>>;
}

/** The app as a project wants it: with its stage, its region and its choices. @throws ProjectError */
export function filledApp(app: AppTemplate, wanted: Wanted): Template {
  refuseWrong(app, wanted);
  const { stage, region } = wanted;
  const marked = JSON.stringify({ Resources: app.Resources, Outputs: app.Outputs });
  const staged: Template = JSON.parse(marked.replaceAll(STAGE_MARK, stage));
  // a chosen name stays as it is
  const filling = (name: string) => wanted.choices[name] ?? inAccount(chosen(app, wanted, name));
  const filled = withoutMarks(staged, filling) as Template; // of the same form
  const resources = Object.entries(filled.Resources).flatMap(([id, resource]) => {
    const own = inPlace(resource, { region, hasIssuer: chosen(app, wanted, 'jwtIssuer') !== '' });
    return own === undefined ? [] : [[id, own] as const];
  });
  refuseLongNames(resources);
  return { ...filled, Resources: Object.fromEntries(resources) };
}

function refuseWrong({ choices }: AppTemplate, { stage, choices: given }: Wanted): void {
  if (!/^[a-z0-9][a-z0-9-]{0,9}$/.test(stage))
    throw new ProjectError(
      `--stage ${stage}: not the name of a stage\n  mend: at most 10 small letters, digits and -`,
    );
  for (const name of Object.keys(given))
    if (!(name in choices))
      throw new ProjectError(
        `${name}: nothing that a project chooses\n  mend: one of ${Object.keys(choices).join(', ')}`,
      );
  if (stage === 'prod' && given['mockMode'] === 'true')
    throw new ProjectError('mockMode: prod is not mocked\n  mend: leave it out, or choose another stage');
}

/** What is chosen, or what holds otherwise, which may name the stage and other choices. */
function chosen({ choices }: AppTemplate, { stage, choices: given }: Wanted, name: string): string {
  const of = (each: string): string =>
    given[each] ??
    (choices[each]?.otherwise ?? '')
      .replaceAll(`\${sls:stage}`, stage)
      .replaceAll(/\$\{self:custom\.(\w+)\}/g, (_, other: string) => of(other));
  return of(name);
}

/** As account-names.cjs does with what the templates write themselves. */
const KNOWN_THERE: readonly (readonly [RegExp, string])[] = [
  [/\b(statebag-state-[a-z0-9-]+)-account-region\b/g, `$1-\${AWS::AccountId}-\${AWS::Region}`],
  [/\barn:aws:(?![\w-]*:[\w-]*:000000000000:)/g, `arn:\${AWS::Partition}:`],
];

function inAccount(text: string): Filling {
  const sub = KNOWN_THERE.reduce((closed, [written, meant]) => closed.replaceAll(written, meant), text);
  return sub === text ? text : { 'Fn::Sub': sub };
}

interface Place {
  readonly region: string;
  readonly hasIssuer: boolean;
}

/** A resource with what depends on the place and on whether there is an issuer; undefined where it is not made. */
function inPlace(resource: Resource, { region, hasIssuer }: Place): Resource | undefined {
  const { Type, Properties = {} } = resource;
  if (Type === 'AWS::ApiGatewayV2::Authorizer' && !hasIssuer) return undefined;
  if (Type === 'AWS::ApiGatewayV2::Route' && !hasIssuer) {
    const { AuthorizerId: _, ...rest } = Properties;
    return { ...resource, Properties: { ...rest, AuthorizationType: 'AWS_IAM' } };
  }
  if (Type === 'AWS::IAM::Role' && typeof Properties['RoleName'] === 'string') {
    const RoleName = Properties['RoleName'].replace(/-us-east-1$/, `-${region}`);
    return { ...resource, Properties: { ...Properties, RoleName } };
  }
  if (Type === 'AWS::CloudWatch::Alarm' && String(Properties['AlarmActions']) === '') {
    const { AlarmActions: _, OKActions: __, ...rest } = Properties;
    return { ...resource, Properties: rest };
  }
  return resource;
}

const NAMES = ['FunctionName', 'RoleName'];
const NAME_LIMIT = 64;

function refuseLongNames(resources: readonly (readonly [string, Resource])[]): void {
  for (const [, { Properties = {} }] of resources)
    for (const name of NAMES.map((each) => Properties[each]))
      if (typeof name === 'string' && name.length > NAME_LIMIT)
        throw new ProjectError(
          `${name} has ${name.length} characters, AWS takes ${NAME_LIMIT}\n  mend: choose a shorter name of the stage`,
        );
}
