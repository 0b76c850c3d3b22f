import { createRequire } from 'node:module';
import { THRESHOLDS } from '@statebag/contracts/limits';
import { type Static, type TSchema, Type } from 'typebox';
import { Errors } from 'typebox/value';

const closed = <Members extends Record<string, TSchema>>(members: Members, description: string) =>
  Type.Object(members, { additionalProperties: false, description });

const text = (description: string) => Type.String({ minLength: 1, description });

const BASE_URL = text('The address of the service, as in http://127.0.0.1:11434/v1.');
const KEY = Type.String({
  pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
  description: 'The environment variable that holds the key. The key itself never stands in this file.',
});
const keyed = (what: string) =>
  Type.Optional(closed({ api_key_env: KEY, base_url: Type.Optional(BASE_URL) }, what));

const ProvidersSchema = closed(
  {
    openai: keyed('The Responses API of OpenAI.'),
    anthropic: keyed('The Messages API of Anthropic.'),
    google: keyed('The Gemini API of Google.'),
    bedrock: Type.Optional(
      closed(
        { region: Type.Optional(text('Its AWS region.')), base_url: Type.Optional(BASE_URL) },
        'Amazon Bedrock.',
      ),
    ),
    'openai-compatible': Type.Optional(
      closed({ base_url: BASE_URL, api_key_env: Type.Optional(KEY) }, 'Any service with the API of OpenAI.'),
    ),
  },
  'The model providers, by the name that nodes use. `mock` is always there.',
);

const AMOUNT = Type.Number({ minimum: 0 });

/** A host name or an IP address, without scheme and port. */
const HOST = '^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$';

/** What this machine sets itself; a run would not be found again under other names. */
const FIXED: ReadonlySet<string> = new Set([
  'stateBucket',
  'createBucket',
  'runsTable',
  'ownerClaim',
  'largeOwners',
]);
/** What has a key of its own in the file. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set([
  'llmProviders',
  'llmBaseUrl',
  'llmApiKeyParameter',
  'httpAllowedHosts',
  'stateThresholds',
  'mockMode',
  'ownNodes',
  'modelPrices',
  'ownerDayLimit',
]);

function parameterSchemas(): Record<string, TSchema> {
  const choices: Readonly<Record<string, string>> = createRequire(import.meta.url)('../choices.cjs');
  const others = Object.entries(choices).filter(([name]) => !FIXED.has(name) && !SAID_ELSEWHERE.has(name));
  const value = (description: string) =>
    Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean()], { description }));
  return Object.fromEntries(others.map(([name, meaning]) => [name, value(meaning)]));
}

function thresholdSchemas(): Record<string, TSchema> {
  const value = (bytes: number) =>
    Type.Optional(Type.Integer({ minimum: 1, description: `${bytes} if not given.` }));
  return Object.fromEntries(Object.entries(THRESHOLDS).map(([name, bytes]) => [name, value(bytes)]));
}

const MockedAnswerSchema = Type.Union([
  closed({ Return: Type.Unknown({ description: 'The result of the task.' }) }, 'A result.'),
  closed(
    {
      Throw: closed(
        { Error: text('The name of the error.'), Cause: Type.Optional(Type.String()) },
        'The error of the task.',
      ),
    },
    'A failure.',
  ),
]);

/** `statebag.config.{json,yaml}`: everything that a deployment sets, set on this machine. */
export const LocalConfigSchema = closed(
  {
    $schema: Type.Optional(Type.String({ description: 'For editors: docs/statebag.config.schema.json.' })),
    data_dir: Type.Optional(
      text('The folder in which runs are kept, from the folder of this file; --data-dir goes before it.'),
    ),
    providers: Type.Optional(ProvidersSchema),
    allowed_hosts: Type.Optional(
      Type.Array(
        Type.String({ pattern: HOST, description: 'A host name or an IP address, without scheme and port.' }),
        {
          description:
            'Hosts that `api_call` may reach although their address is private or this machine: `localhost`, `127.0.0.1`.',
        },
      ),
    ),
    thresholds: Type.Optional(
      Type.Object(thresholdSchemas(), {
        additionalProperties: false,
        description: 'When values leave the bag, in bytes.',
      }),
    ),
    nodes: Type.Optional(
      text(
        'The folder with node types of your own, from the folder of this file; without it, `nodes` beside the workflow.',
      ),
    ),
    prices: Type.Optional(
      Type.Record(
        Type.String(),
        closed({ input: AMOUNT, output: AMOUNT }, 'Dollars a million tokens, of questions and of answers.'),
        {
          description:
            'Prices of models by how their names begin, in the place of those of docs/prices.md and beside them.',
        },
      ),
    ),
    owner_day_limit: Type.Optional(
      closed(
        {
          max_cost_usd: Type.Optional(AMOUNT),
          max_tokens: Type.Optional(Type.Integer({ minimum: 1 })),
        },
        'What all runs may spend on models on one day (UTC). A call that does not fit is not made.',
      ),
    ),
    cells: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
        closed(
          {
            api: text('The address of its API.'),
            stage: Type.Optional(text('The stage that was deployed.')),
            region: Type.Optional(text('Its region; without it, the one of the environment.')),
            owners: Type.Optional(
              Type.Array(Type.String(), { description: 'Owners that are here whatever their slot is.' }),
            ),
            slots: Type.Optional(
              text('Slots of all other owners, from 0 to 99: `0-49`, `0-24,75-99`. Each is in one cell.'),
            ),
          },
          'A deployment that has some of the owners.',
        ),
        { description: 'Deployments that share the owners between them: docs/scale.md.' },
      ),
    ),
    mock_mode: Type.Optional(
      Type.Boolean({ description: 'Whether the mock answers every model call, whatever the provider.' }),
    ),
    endpoints: Type.Optional(
      Type.Record(Type.String(), text('The address of a server that speaks its protocol.'), {
        description:
          'For `dev --app` and `dev --bare`: where services of AWS are that the local cloud has not, by the name that `aws-sdk:` integrations have for them.',
      }),
    ),
    task_mocks: Type.Optional(
      Type.Record(Type.String(), Type.Array(MockedAnswerSchema, { minItems: 1 }), {
        description:
          'For `dev --app` and `dev --bare`: answers of integrations that the local cloud cannot make, by their names, as `sns:publish`. The first call gets the first answer, and so on; the last one stays.',
      }),
    ),
    parameters: Type.Optional(
      Type.Object(parameterSchemas(), {
        additionalProperties: false,
        description: 'Every other parameter of a deployment, by its name in docs/parameters.md.',
      }),
    ),
  },
  'Settings of `statebag` on this machine. docs/configuration.md explains them.',
);

export type LocalConfig = Omit<Static<typeof LocalConfigSchema>, 'thresholds' | 'parameters'> & {
  readonly thresholds?: Readonly<Record<string, number>>;
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
};

/** What does not fit, where, and how to correct it. */
export interface ConfigProblem {
  readonly message: string;
  readonly mend: string;
}

/** Holds a parsed file against the schema; without a problem it is a `LocalConfig`. */
export function problemsOf(value: unknown): readonly ConfigProblem[] {
  const errors = Errors(LocalConfigSchema, value);
  const misspelt = errors
    .filter(({ keyword }) => keyword === 'boolean')
    .map(({ instancePath }) => instancePath);
  const problems = new Map<string, ConfigProblem>(); // one for each place: a union tells of each of its members
  for (const { keyword, instancePath, message } of errors) {
    if (keyword === 'additionalProperties' || problems.has(instancePath)) continue; // each key is told by itself
    const inside = misspelt.some((path) => path.startsWith(`${instancePath}/`));
    if (keyword === 'required' && inside) continue; // the key that is missing is most likely the misspelt one
    problems.set(
      instancePath,
      keyword === 'boolean' ? unknownKey(instancePath) : unfit(instancePath, message),
    );
  }
  return [...problems.values()];
}

function unfit(path: string, message: string): ConfigProblem {
  const { description = 'docs/configuration.md shows each key' } = schemaAt(stepsOf(path));
  return { message: `${placeOf(path)}: ${message}`, mend: description };
}

/** Parameters of a deployment that are called otherwise in this file. */
const RENAMED: Readonly<Record<string, string>> = {
  llmProviders: 'providers',
  llmBaseUrl: 'providers.openai-compatible.base_url',
  llmApiKeyParameter: 'providers.openai-compatible.api_key_env',
  httpAllowedHosts: 'allowed_hosts',
  stateThresholds: 'thresholds',
  mockMode: 'mock_mode',
  ownNodes: 'nodes',
  modelPrices: 'prices',
  ownerDayLimit: 'owner_day_limit',
};

function unknownKey(path: string): ConfigProblem {
  const steps = stepsOf(path);
  const key = steps.at(-1) ?? '';
  const message = `${placeOf(path)}: there is no key ${JSON.stringify(key)}`;
  if (FIXED.has(key)) return { message, mend: 'leave it out; this machine sets it itself' };
  const renamed = RENAMED[key];
  if (renamed !== undefined) return { message, mend: `write ${renamed}` };
  const known = Object.keys(schemaAt(steps.slice(0, -1)).properties ?? {});
  return {
    message,
    mend: `the nearest is ${JSON.stringify(nearestTo(key, known))}; there is ${known.join(', ')}`,
  };
}

interface SchemaPart {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly items?: SchemaPart;
}

function schemaAt(steps: readonly string[]): SchemaPart {
  let at = LocalConfigSchema as unknown as SchemaPart; // TypeBox's own type names each member, this walks them
  for (const step of steps) at = at.properties?.[step] ?? at.items ?? {};
  return at;
}

function stepsOf(path: string): string[] {
  const steps = path.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function placeOf(path: string): string {
  return ['$', ...stepsOf(path)].join('.').replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]');
}

function nearestTo(word: string, known: readonly string[]): string {
  const byDistance = known.map((each) => [distance(word.toLowerCase(), each.toLowerCase()), each] as const);
  return byDistance.toSorted(([left], [right]) => left - right)[0]?.[1] ?? '';
}

/** How many letters have to be put in, taken out or changed. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const [above = 0, aside = 0, before = 0] = [row[column + 1], next[column], row[column]];
      next.push(Math.min(above + 1, aside + 1, before + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
