import { isMapping, listOf, type Mapping, type Plain } from './document.ts';
import { invalid, malformed } from './errors.ts';
import type { Template } from './template.ts';

/** A value as a request gives it. */
export interface GivenParameter {
  readonly name: string;
  readonly value?: string;
  /** The value of last time stays. */
  readonly usePrevious?: boolean;
}

export interface ParameterSources {
  readonly given: readonly GivenParameter[];
  /** Texts of last time, by name. */
  readonly previous: Readonly<Record<string, string>>;
}

/** The texts that a template's parameters have: given, of last time, or the default. */
export function parameterTexts(
  template: Template,
  { given, previous }: ParameterSources,
): Record<string, string> {
  const unknown = given.filter(({ name }) => !(name in template.parameters)).map(({ name }) => name);
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const byName = new Map(given.map((each) => [each.name, each]));
  const texts = Object.entries(template.parameters).map(([name, declared]) => {
    const wish = byName.get(name);
    const text = wish?.usePrevious === true ? previous[name] : wish?.value;
    return [name, text ?? defaultOf(name, declared)] as const;
  });
  const missing = texts.filter(([, text]) => text === undefined).map(([name]) => name);
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  const complete = texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  for (const [name, text] of complete) checkParameter(name, text, template.parameters[name] ?? {});
  return Object.fromEntries(complete);
}

function defaultOf(name: string, { Default: value }: Mapping): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') throw malformed(`Every Default member must be a string. (${name})`);
  return String(value);
}

const LIST_TYPE = /^(CommaDelimitedList|List<.*>)$/;
const KNOWN_TYPES =
  /^(String|Number|CommaDelimitedList|List<(String|Number|AWS::[\w:]+)>|AWS::SSM::Parameter::(Name|Value<.+>)|AWS::(EC2|Route53)::[\w:]+)$/;

function checkParameter(name: string, text: string, declared: Mapping): void {
  const type = String(declared['Type'] ?? '');
  if (!KNOWN_TYPES.test(type)) throw malformed(`Unrecognized parameter type: ${type}`);
  const items = LIST_TYPE.test(type) ? splitList(text) : [text];
  for (const item of items) {
    const problem = problemOf(item, type, declared);
    if (problem === undefined) continue;
    const description = declared['ConstraintDescription'];
    throw invalid(
      typeof description === 'string'
        ? `Parameter ${name} failed to satisfy constraint: ${description}`
        : `Parameter '${name}' ${problem}`,
    );
  }
}

function problemOf(text: string, type: string, declared: Mapping): string | undefined {
  const allowed = listOf(declared['AllowedValues']).map(String);
  if (allowed.length > 0 && !allowed.includes(text)) return 'must be one of AllowedValues';
  const pattern = declared['AllowedPattern'];
  if (typeof pattern === 'string' && !new RegExp(`^(?:${pattern})$`).test(text))
    return `must match pattern ${pattern}`;
  if (text.length < bound(declared['MinLength'], 0))
    return `must contain at least ${declared['MinLength']} characters`;
  if (text.length > bound(declared['MaxLength'], Number.MAX_SAFE_INTEGER))
    return `must contain at most ${declared['MaxLength']} characters`;
  return /Number/.test(type) ? numberProblem(text, declared) : undefined;
}

function numberProblem(text: string, declared: Mapping): string | undefined {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return 'must be a number';
  if (value < bound(declared['MinValue'], Number.NEGATIVE_INFINITY))
    return `must be a number not less than ${declared['MinValue']}`;
  return value > bound(declared['MaxValue'], Number.POSITIVE_INFINITY)
    ? `must be a number not greater than ${declared['MaxValue']}`
    : undefined;
}

function bound(value: Plain | undefined, otherwise: number): number {
  return value === undefined || value === null ? otherwise : Number(value);
}

/** What `Ref` gives for a parameter; `read` gives the value of a parameter of Systems Manager. */
export function parameterValue(
  declared: Mapping | undefined,
  text: string,
  read: (name: string) => string,
): Plain {
  const type = isMapping(declared) ? String(declared['Type']) : 'String';
  const [, inner] = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type) ?? [];
  if (inner !== undefined) return LIST_TYPE.test(inner) ? splitList(read(text)) : read(text);
  return LIST_TYPE.test(type) ? splitList(text) : text;
}

function splitList(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
