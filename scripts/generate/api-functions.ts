import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiRight, type ApiRoute, ROUTES } from '@statebag/api';

const TEMPLATE = 'services/workflow-api/serverless.yml';
const ROOT = join(import.meta.dirname, '..', '..');

/**
 * The template of the API with its functions as the table of routes has them; the rest is written by hand.
 */
export function apiFunctions(): [path: string, text: string] {
  const text = readFileSync(join(ROOT, TEMPLATE), 'utf8');
  const [head, rest] = [text.indexOf('\nfunctions:\n'), text.indexOf('\nresources:\n')];
  if (head < 0 || rest < head) throw new Error(`${TEMPLATE}: "functions:" has to stand before "resources:"`);
  return [
    TEMPLATE,
    `${text.slice(0, head)}\n${FUNCTIONS}${ROUTES.map(functionOf).join('')}${text.slice(rest)}`,
  ];
}

const FUNCTIONS = `functions:
  # Made by npm run generate from the table of routes, packages/api/src/routes.ts.
`;

function functionOf({ key, does, memory, method, path, rights }: ApiRoute): string {
  const folder = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `  ${key}:
    handler: src/${folder}/handler.handler
    description: ${does}
    memorySize: ${memory.mb} # ${memory.why}
    timeout: 29 # API Gateway gives up after 30 s
    events:
      - httpApi:
          method: ${method}
          path: ${path}
          authorizer: \${file(./authorizer.cjs):route}
    iamRoleStatementsName: statebag-\${sls:stage}-${key}-\${aws:region}
    iamRoleStatementsInherit: true
    iamRoleStatements:
${statementsOf(rights).join('')}`;
}

/** One statement for each thing that is reached. */
function statementsOf(rights: readonly ApiRight[]): string[] {
  const pairs = rights.map((right) => right.split(' ') as [keyof typeof REACHED, string]); // the form of ApiRight
  return [...Map.groupBy(pairs, ([what]) => what)].map(([what, each]) => {
    const { service, resources, more = '' } = REACHED[what];
    return `      - Effect: Allow
        Action:
${each.map(([, action]) => `          - ${service}:${action}\n`).join('')}        Resource:
${resources.map((resource) => `          - ${resource}\n`).join('')}${more}`;
  });
}

interface Reached {
  readonly service: string;
  readonly resources: readonly string[];
  /** Lines below the resources. */
  readonly more?: string;
}

const named = (service: string, name: string) =>
  `Fn::Sub: arn:aws:${service}:\${AWS::Region}:\${AWS::AccountId}:${name}`;
const stored = (prefix: string) => `arn:aws:s3:::\${self:custom.stateBucket}/${prefix}/*`;
const machine = (generation: string, kind = 'stateMachine') =>
  named('states', `${kind}:statebag-${generation}-\${sls:stage}`);

/** What functions of the API may reach, by the first word of a right. */
const REACHED: Readonly<Record<ApiRight extends `${infer What} ${string}` ? What : never, Reached>> = {
  runs: { service: 'dynamodb', resources: [named('dynamodb', `table/\${self:custom.runsTable}`)] },
  'runs-by-owner': {
    service: 'dynamodb',
    resources: [named('dynamodb', `table/\${self:custom.runsTable}/index/by-owner`)],
  },
  // To start a version, AWS asks for the machine's right.
  machines: { service: 'states', resources: [machine('v3'), machine('legacy')] },
  'v3-machine': { service: 'states', resources: [machine('v3')] },
  aliases: { service: 'states', resources: [`${machine('v3')}:*`, `${machine('legacy')}:*`] },
  'v3-aliases': { service: 'states', resources: [`${machine('v3')}:*`] },
  executions: {
    service: 'states',
    resources: [`${machine('v3', 'execution')}:*`, `${machine('legacy', 'execution')}:*`],
  },
  'v3-executions': { service: 'states', resources: [`${machine('v3', 'execution')}:*`] },
  rollout: { service: 'ssm', resources: [named('ssm', `parameter\${self:custom.rolloutParameter}`)] },
  'run-objects': { service: 's3', resources: [stored('runs')] },
  definitions: { service: 's3', resources: [stored('definitions')] },
  uploads: { service: 's3', resources: [stored('uploads')] },
  // A definition or an upload that is not there must answer 404, not 403.
  'what-is-missing': {
    service: 's3',
    resources: [`arn:aws:s3:::\${self:custom.stateBucket}`],
    more: `        Condition:
          StringLike:
            s3:prefix:
              - definitions/*
              - uploads/*
`,
  },
  // What a run kept may have expired: that is 409, not a fault.
  'what-is-gone': {
    service: 's3',
    resources: [`arn:aws:s3:::\${self:custom.stateBucket}`],
    more: `        Condition:
          StringLike:
            s3:prefix:
              - runs/*
`,
  },
  // The names of a run's records of calls, and of nothing else.
  'run-calls': {
    service: 's3',
    resources: [`arn:aws:s3:::\${self:custom.stateBucket}`],
    more: `        Condition:
          StringLike:
            s3:prefix:
              - runs/*/ledger/*
`,
  },
  'start-dispatcher': {
    service: 'lambda',
    resources: [named('lambda', `function:\${self:custom.startDispatcher}`)],
  },
  'state-data-manager': { service: 'lambda', resources: [`\${self:custom.stateDataManagerArn}`] },
};
