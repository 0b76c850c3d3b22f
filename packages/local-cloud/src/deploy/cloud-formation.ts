import { DeployError, isPlainObject, type Plain } from './template.ts';

/** What one logical id of a template stands for. */
export interface ResourceNames {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface FormationScope {
  readonly file: string;
  readonly account: string;
  readonly region: string;
  readonly names: ReadonlyMap<string, ResourceNames>;
}

/**
 * Evaluates Ref, Fn::GetAtt, Fn::Sub and Fn::Join anywhere in a value; another function is an error that
 * names it.
 */
export function evaluate(value: Plain, scope: FormationScope): Plain {
  if (Array.isArray(value)) return value.map((each: Plain) => evaluate(each, scope));
  if (!isPlainObject(value)) return value;
  const [[name, argument] = ['', null], ...others] = Object.entries(value);
  if (others.length > 0 || !(name === 'Ref' || name.startsWith('Fn::'))) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, evaluate(each, scope)]));
  }
  const run = FUNCTIONS[name];
  if (run === undefined)
    throw new DeployError(`${scope.file}: ${name} is a function the local cloud does not know`);
  return run(argument, scope);
}

/** As `evaluate`, for a value that has to be a text. */
export function evaluateText(value: Plain | undefined, scope: FormationScope): string | undefined {
  if (value === undefined || value === null) return undefined;
  const result = evaluate(value, scope);
  if (typeof result === 'object')
    throw new DeployError(`${scope.file}: ${JSON.stringify(value)} is not a text`);
  return String(result);
}

const FUNCTIONS: Readonly<Record<string, (argument: Plain, scope: FormationScope) => Plain>> = {
  Ref: (argument, scope) => reference(String(argument), scope),
  'Fn::GetAtt': (argument, scope) =>
    reference(Array.isArray(argument) ? argument.join('.') : String(argument), scope),
  'Fn::Sub': (argument, scope) => {
    const [template, values] = Array.isArray(argument) ? argument : [argument, {}];
    const given = isPlainObject(values) ? values : {};
    return String(template).replace(
      /\$\{([^!}][^}]*)\}/g,
      (_, name: string) => evaluateText(given[name], scope) ?? reference(name, scope),
    );
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = Array.isArray(argument) ? argument : [];
    return (Array.isArray(parts) ? parts : [])
      .map((part: Plain) => evaluateText(part, scope) ?? '')
      .join(String(separator ?? ''));
  },
};

function reference(path: string, { file, account, region, names }: FormationScope): string {
  const pseudo = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  }[path];
  const [logicalId = '', ...attribute] = path.split('.');
  const resource = names.get(logicalId);
  const value =
    pseudo ?? (attribute.length === 0 ? resource?.ref : resource?.attributes[attribute.join('.')]);
  if (value === undefined) throw new DeployError(`${file}: nothing in this template is called ${path}`);
  return value;
}
