import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { LocalConfigSchema, problemsOf } from './local-config.ts';
import { type LocalWishes, settingsOf } from './local-settings.ts';

const EVERYTHING = {
  $schema: '../docs/statebag.config.schema.json',
  data_dir: 'runs',
  providers: {
    openai: { api_key_env: 'OPENAI_API_KEY' },
    bedrock: { region: 'eu-central-1' },
    'openai-compatible': { base_url: 'http://127.0.0.1:11434/v1' },
  },
  allowed_hosts: ['localhost', '127.0.0.1', '::1', 'db.internal'],
  thresholds: { field: 1000, inlineState: 2000 },
  mock_mode: false,
  parameters: { runsKeptDays: 7, eventBusName: 'mine' },
};

test('a file with everything has no problem', () => {
  expect(problemsOf(EVERYTHING)).toEqual([]);
});

/** What somebody got wrong, the place that is named, and what helps. */
const MISTAKES: [object | unknown[], RegExp, RegExp][] = [
  [[], /^\$: must be object/, /./],
  [{ provider: {} }, /^\$\.provider: there is no key "provider"/, /nearest is "providers"/],
  [{ allowedHosts: [] }, /^\$\.allowedHosts: /, /nearest is "allowed_hosts"/],
  [{ providers: { openia: {} } }, /^\$\.providers\.openia: /, /nearest is "openai"/],
  [{ providers: { openai: {} } }, /^\$\.providers\.openai: .*api_key_env/, /./],
  [
    { providers: { openai: { api_key_env: 'sk-123' } } },
    /api_key_env: must match/,
    /never stands in this file/,
  ],
  [
    { providers: { openai: { api_key: 'sk-123' } } },
    /\.api_key: there is no key/,
    /nearest is "api_key_env"/,
  ],
  [{ allowed_hosts: ['localhost:8080'] }, /^\$\.allowed_hosts\[0\]: /, /without scheme and port/],
  [{ allowed_hosts: ['http://localhost'] }, /^\$\.allowed_hosts\[0\]: /, /without scheme and port/],
  [{ allowed_hosts: 'localhost' }, /^\$\.allowed_hosts: must be array/, /./],
  [{ thresholds: { fields: 1 } }, /^\$\.thresholds\.fields: /, /nearest is "field"/],
  [{ thresholds: { field: 0 } }, /^\$\.thresholds\.field: /, /./],
  [{ data_dir: '' }, /^\$\.data_dir: /, /./],
  [{ mock_mode: 'yes' }, /^\$\.mock_mode: must be boolean/, /./],
  [{ parameters: { mockMode: true } }, /^\$\.parameters\.mockMode: /, /write mock_mode/],
  [{ parameters: { httpAllowedHosts: 'x' } }, /httpAllowedHosts: /, /write allowed_hosts/],
  [{ parameters: { stateBucket: 'x' } }, /stateBucket: /, /this machine sets it itself/],
  [{ parameters: { runsKeptDay: 1 } }, /runsKeptDay: /, /nearest is "runsKeptDays"/],
  [{ parameters: { runsKeptDays: [] } }, /^\$\.parameters\.runsKeptDays: /, /./],
];

test.each(MISTAKES)('%j is one problem, with its place and what helps', (config, message, mend) => {
  expect(problemsOf(config)).toEqual([
    { message: expect.stringMatching(message), mend: expect.stringMatching(mend) },
  ]);
});

test('every mistake is told, not the first only', () => {
  expect(problemsOf({ provider: 1, thresholds: { a: 1, b: 2 } })).toHaveLength(3);
});

test('everything a deployment chooses can be set, but for what this machine needs to find its runs', () => {
  const choices: object = createRequire(import.meta.url)('../choices.cjs');
  const said = {
    llmProviders: 1,
    llmBaseUrl: 1,
    llmApiKeyParameter: 1,
    httpAllowedHosts: 1,
    stateThresholds: 1,
  };
  const elsewhere = [
    ...Object.keys(said),
    'mockMode',
    'ownNodes',
    'modelPrices',
    'ownerDayLimit',
    'stateBucket',
    'createBucket',
    'runsTable',
    'ownerClaim',
    'largeOwners',
  ];
  const { parameters } = LocalConfigSchema.properties;
  expect([...Object.keys(parameters.properties), ...elsewhere].toSorted()).toEqual(
    Object.keys(choices).toSorted(),
  );
});

describe('what becomes of it', () => {
  const localConfig = EVERYTHING;

  test('parameters of the templates; a key is a place in SSM and its text is in no parameter', () => {
    expect(settingsOf({ localConfig }, { OPENAI_API_KEY: 'the key' })).toEqual({
      parameters: {
        runsKeptDays: '7',
        eventBusName: 'mine',
        httpAllowedHosts: 'localhost,127.0.0.1,::1,db.internal',
        stateThresholds: '{"field":1000,"inlineState":2000}',
        mockMode: 'false',
        llmProviders: JSON.stringify({
          openai: { key_parameter: '/statebag/local/env/OPENAI_API_KEY' },
          bedrock: { region: 'eu-central-1' },
          'openai-compatible': { base_url: 'http://127.0.0.1:11434/v1' },
        }),
      },
      missing: {},
    });
  });

  test('prices and what an owner may spend on a day, as the functions read them', () => {
    const prices = { m: { input: 0.2, output: 0.8 } };
    const owner_day_limit = { max_cost_usd: 5 };
    const { parameters } = settingsOf({ localConfig: { prices, owner_day_limit } }, {});
    expect(parameters).toEqual({
      modelPrices: JSON.stringify(prices),
      ownerDayLimit: JSON.stringify(owner_day_limit),
    });
  });

  test('a key that the environment lacks is said to be missing', () => {
    expect(settingsOf({ localConfig }, {}).missing).toEqual({ openai: 'OPENAI_API_KEY' });
  });

  test('the command line goes before the file for the compatible service, and adds hosts to it', () => {
    const wishes = { localConfig, providerUrl: 'http://127.0.0.1:1/v1', allowHost: ['10.0.0.1'] };
    const { parameters } = settingsOf(wishes, { STATEBAG_LLM_API_KEY: 'k' });
    expect(JSON.parse(parameters['llmProviders'] ?? '')['openai-compatible']).toEqual({
      base_url: 'http://127.0.0.1:1/v1',
      key_parameter: '/statebag/local/env/STATEBAG_LLM_API_KEY',
    });
    expect(parameters['httpAllowedHosts']).toMatch(/db\.internal,10\.0\.0\.1$/);
  });

  test('the service of the command line is looked up with each call, unless the file alone names one', () => {
    const looked = { settings_parameter: '/statebag/local/provider/openai-compatible' };
    const compatible = (wishes: LocalWishes) =>
      JSON.parse(settingsOf({ ...wishes, providerKept: true }, {}).parameters['llmProviders'] ?? '')[
        'openai-compatible'
      ];
    expect(compatible({})).toEqual(looked);
    expect(compatible({ localConfig, providerUrl: 'http://127.0.0.1:1/v1' })).toEqual(looked);
    expect(compatible({ localConfig })).toEqual({ base_url: 'http://127.0.0.1:11434/v1' });
  });

  test('nothing said sets nothing', () => {
    expect(settingsOf({}, {})).toEqual({ parameters: {}, missing: {} });
  });
});
