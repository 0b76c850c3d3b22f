import { join } from 'node:path';
import { type Plain, readTemplate } from '@statebag/local-cloud';
import { listOf, members } from '../package/template.ts';
import { deployables } from '../stacks.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

/**
 * A right as a template gives it to a function. Names that differ between stages stand as words: BUCKET,
 * TABLE, STAGE, BUS.
 */
export interface Right {
  readonly function: string;
  readonly action: string;
  /** May hold `*`. */
  readonly resource: string;
  /**
   * Which statement of the function it is part of: a statement names actions and resources, not pairs of
   * them.
   */
  readonly statement: number;
}

/** Names that a deployment chooses, as words. */
const NAMES: Readonly<Record<string, string>> = {
  stateBucket: 'BUCKET',
  runsTable: 'TABLE',
  eventBusName: 'BUS',
  lambdaNodeArn: 'arn:aws:lambda:us-east-1:000000000000:function:CHOSEN',
  bedrockModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/CHOSEN',
};
const PLACE = { stage: 'STAGE', region: 'us-east-1' };

/** Every right of every function, as the templates give it, what is shared by all left out. */
export async function rightsOfFunctions(): Promise<readonly Right[]> {
  const folders = deployables(ROOT).filter((folder) => folder.startsWith('services/'));
  const templates = await Promise.all(
    folders.map((folder) =>
      readTemplate(join(ROOT, folder, 'serverless.yml'), { ...PLACE, parameter: (name) => NAMES[name] }),
    ),
  );
  return templates.flatMap((template) =>
    Object.entries(members(template['functions'])).flatMap(([key, definition]) =>
      rightsOf(key, members(definition)),
    ),
  );
}

function rightsOf(key: string, { iamRoleStatements }: Readonly<Record<string, unknown>>): Right[] {
  return listOf(iamRoleStatements)
    .map(members)
    .flatMap(({ Action, Resource }, statement) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).map((resource) => ({
          function: key,
          action: String(action),
          resource: resourceText(resource as Plain),
          statement,
        })),
      ),
    );
}

/** The text of a resource without its version, functions of CloudFormation and places left out. */
function resourceText(resource: Plain): string {
  if (typeof resource === 'string')
    return withoutPlace(resource)
      .replace(/^(arn:aws:lambda:::function:[\w-]+):\d+$/, '$1')
      .replace('-dev-', '-STAGE-');
  const { 'Fn::Sub': text, 'Fn::GetAtt': attribute } = members(resource);
  if (typeof text === 'string') return withoutPlace(text.replaceAll(/\$\{AWS::\w+\}/g, ''));
  const [id = ''] = listOf(attribute).map(String);
  const key = id.replace(/LambdaFunction$/, '');
  return `arn:aws:lambda:::function:*-${key.charAt(0).toLowerCase()}${key.slice(1)}`;
}

/** `arn:aws:states:eu-west-1:123:stateMachine:x` → `arn:aws:states:::stateMachine:x` */
export function withoutPlace(arn: string): string {
  return arn.replace(/^(arn:aws:[\w-]+):[^:]*:[^:]*:/, '$1:::');
}

/** Whether a policy's resource covers a call's: `*` is any text. */
export function covers(pattern: string, resource: string): boolean {
  const expression = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${expression.join('.*')}$`).test(resource);
}
