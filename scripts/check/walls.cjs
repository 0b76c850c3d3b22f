/**
 * The floors of the house, for dependency-cruiser. A package may import those on lower floors, and never up;
 * where two stand on one floor, one may import the other, but no circle comes of it. Services stand on one
 * floor and import none of each other.
 */
const FLOORS = [
  [
    'packages/contracts',
    'packages/states',
    'packages/law',
    'packages/node',
    'packages/offload',
    'packages/create-statebag',
    'packages/aws-requests',
  ],
  ['packages/state-core', 'packages/local-cloud', 'packages/doctor'],
  ['packages/workflow'],
  ['packages/runs', 'packages/step-kit'],
  ['packages/rollout', 'packages/steps'],
  [
    'packages/cost',
    'packages/budget',
    'packages/api',
    'packages/viewer',
    'packages/testing',
    'packages/replay',
  ],
  ['services', 'stepfunctions'],
  ['packages/deployment'],
  ['packages/cli'],
  ['scripts', 'test'],
];

/** Packages of the ground floors that know nothing of the house, or only one part of it. */
const ALONE = {
  'packages/contracts': [],
  'packages/states': [],
  'packages/law': [],
  'packages/node': [],
  'packages/offload': [],
  'packages/aws-requests': [],
  'packages/create-statebag': ['packages/node'], // its template declares a node
  'packages/local-cloud': ['packages/states'],
  'packages/state-core': ['packages/contracts'],
  'packages/doctor': ['packages/contracts'],
};

/** Suites, and what they are made of: they may look up, to the cloud that they run on. */
const TESTS = String.raw`\.(test|contract)\.ts$|^(packages|services)/[^/]+/test/|^stepfunctions/test/|^test/`;
const HOUSE = '^(packages|services|stepfunctions|scripts|test)/';

const folders = (paths) => `^(${paths.join('|')})/`;

const upwards = FLOORS.slice(0, -1).map((floor, index) => ({
  name: `floor ${index}: ${floor.map((path) => path.replace('packages/', '')).join(', ')}`,
  comment: 'imports run down the floors',
  severity: 'error',
  from: { path: folders(floor), pathNot: TESTS },
  to: { path: folders(FLOORS.slice(index + 1).flat()) },
}));

const alone = Object.entries(ALONE).map(([path, allowed]) => ({
  name: `${path.replace('packages/', '')} stands alone`,
  comment: `imports ${allowed.length === 0 ? 'nothing' : `only ${allowed.join(', ')}`} of the house`,
  severity: 'error',
  from: { path: folders([path]), pathNot: TESTS },
  to: { path: HOUSE, pathNot: folders([path, ...allowed]) },
}));

module.exports = {
  forbidden: [
    ...upwards,
    ...alone,
    {
      name: 'no circle',
      comment: 'files that import each other, at run time or for their types, are one thing or wrongly cut',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no service imports another',
      comment: 'a service is a deployable; what two need is a package',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'no package imports a service',
      comment: 'only the deployables on the floor of the services may be what is deployed',
      severity: 'error',
      from: { path: '^packages/', pathNot: TESTS },
      to: { path: '^services/' },
    },
    {
      name: 'packages import nothing of scripts and test',
      comment: 'also not in tests',
      severity: 'error',
      from: { path: '^(packages|services|stepfunctions)/' },
      to: { path: '^(scripts|test)/' },
    },
    {
      name: 'what is shipped imports no test',
      severity: 'error',
      from: { path: '^(packages|services|stepfunctions)/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'law is for tests',
      severity: 'error',
      from: { path: HOUSE, pathNot: `${TESTS}|^packages/law/` },
      to: { path: '^packages/law/' },
    },
    {
      name: 'through the package name',
      comment: 'another package is imported by its name, so that its exports decide what can be seen',
      severity: 'error',
      from: { path: '^(packages|services)/([^/]+)/' },
      to: { path: '^(packages|services)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'sources through the package name',
      comment: 'what spans packages may reach into their tests, not into their sources',
      severity: 'error',
      from: { path: '^(scripts|test|stepfunctions)/' },
      to: { path: '^(packages|services)/[^/]+/src/', dependencyTypes: ['local'] },
    },
  ],
  options: {
    // TypeScript 7 has no API for tools: swc reads the sources.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Declarations are no sources, and swc does not read them as such.
    exclude: { path: String.raw`/generated/|/\.(build|esbuild|serverless|package|stryker-tmp)/|\.d\.ts$` },
    includeOnly: HOUSE,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.cjs', '.mjs', '.js', '.json'],
    },
  },
};
