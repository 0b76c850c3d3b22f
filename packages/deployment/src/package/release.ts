import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { composed } from '../stacks.ts';
import { markOf, marksIn, withoutMarks } from './marks.ts';
import { mappingsIn, members, type Template } from './template.ts';
import { problemsOf } from './template-rules.ts';

const STAGE = 'prod';

/**
 * Names that whoever deploys a release chooses, with a default where one serves. Everything else is as the
 * stage it is packaged for has it.
 */
const CHOSEN: Readonly<Record<string, string | undefined>> = {
  stateBucket: undefined,
  runsTable: `statebag-runs-${STAGE}`,
  eventBusName: 'default',
  jwtIssuer: undefined,
  jwtAudience: 'statebag',
  llmProviders: '',
};

/**
 * Options that make the framework leave marks: for names to choose, and for what services tell each other.
 */
export function releaseOptions(): string[] {
  const open = new Set([...Object.keys(CHOSEN), ...[...composed().values()].flat()]);
  return ['--stage', STAGE, ...[...open].flatMap((name) => ['--param', `${name}=${markOf(name)}`])];
}

/**
 * Writes a stack as plain CloudFormation with its zip: `<out>/<folder>/{template.json, *.zip}`. Gives what is
 * wrong with it.
 */
export function writeRelease(packaged: string, out: string): readonly string[] {
  mkdirSync(out, { recursive: true });
  const template: Template = JSON.parse(
    readFileSync(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8'),
  );
  const released = plain(template, basename(out));
  writeFileSync(join(out, 'template.json'), `${JSON.stringify(released, null, 2)}\n`);
  for (const zip of readdirSync(packaged).filter((file) => file.endsWith('.zip')))
    cpSync(join(packaged, zip), join(out, zip));
  return problemsOf(released);
}

/**
 * The same template without the framework's own bucket: code comes from a bucket of the reader's, marks
 * become parameters.
 */
export function plain(template: Template, folder: string): Template {
  const resources = Object.entries(template.Resources).filter(
    ([id]) => !id.startsWith('ServerlessDeploymentBucket'),
  );
  const outputs = Object.entries(template.Outputs ?? {}).filter(
    ([id]) => !id.startsWith('ServerlessDeploymentBucket'),
  );
  const whole = {
    ...template,
    Resources: Object.fromEntries(resources.map(([id, resource]) => [id, withArtefacts(resource, folder)])),
    Outputs: Object.fromEntries(outputs),
  };
  const used = [...marksIn(whole)].sort();
  const hasCode = mappingsIn(whole.Resources).some((mapping) => 'S3Bucket' in mapping);
  const parameters = [...used, ...(hasCode ? ['ArtefactBucket', 'ArtefactPrefix'] : [])].map((name) => [
    name,
    parameterOf(name),
  ]);
  const filled = withoutMarks(whole, (name) => ({ Ref: name })) as Template; // of the same form
  return { ...filled, Parameters: Object.fromEntries(parameters) };
}

function parameterOf(name: string) {
  const otherwise = CHOSEN[name];
  return { Type: 'String', ...(otherwise !== undefined && { Default: otherwise }) };
}

/** `{ S3Bucket, S3Key }` of a function → the reader's bucket. */
function withArtefacts<Value>(value: Value, folder: string): Value {
  if (Array.isArray(value)) return value.map((each) => withArtefacts(each, folder)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, withArtefacts(each, folder)]);
  const same = Object.fromEntries(entries);
  if (!('S3Bucket' in same && 'S3Key' in same)) return same;
  return {
    ...same,
    S3Bucket: { Ref: 'ArtefactBucket' },
    S3Key: { 'Fn::Sub': `\${ArtefactPrefix}/${folder}/${basename(String(same.S3Key))}` },
  };
}

/** Which stack is created after which, and what it is told. */
export function releaseReadme(out: string, compose: string): string {
  const { services }: { services: Record<string, { path: string; params?: Record<string, string> }> } =
    parse(compose);
  const stacks = Object.entries(services).map(([name, { path, params = {} }]) => {
    const { Parameters = {} }: Template = JSON.parse(
      readFileSync(join(out, basename(path), 'template.json'), 'utf8'),
    );
    const rows = Object.entries(Parameters).map(
      ([parameter, described]) => `| \`${parameter}\` | ${sourceOf(params[parameter], described)} |`,
    );
    return [`## ${name}`, '', '| Parameter | |', '| --- | --- |', ...rows, ''].join('\n');
  });
  return [
    '# Plain CloudFormation',
    '',
    'Create the stacks in this order, each with `--capabilities CAPABILITY_NAMED_IAM`. `ArtefactBucket` and `ArtefactPrefix` say where this folder was uploaded to.',
    '',
    ...stacks,
  ].join('\n');
}

/** Where the value of a parameter comes from. */
function sourceOf(output: string | undefined, described: unknown): string {
  const [, stack, name] = /^\$\{([\w-]+)\.(\w+)\}$/.exec(output ?? '') ?? [];
  if (name !== undefined) return `output \`${name}\` of ${stack}`;
  const { Default: otherwise } = members(described);
  return otherwise === undefined
    ? 'yours to choose'
    : `yours to choose; ${otherwise === '' ? 'empty' : `\`${String(otherwise)}\``} if not given`;
}
