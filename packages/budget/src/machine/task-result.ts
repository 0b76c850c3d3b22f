import type { Site } from '@statebag/doctor/definition';
import { resourceOf, waitsForToken } from '@statebag/doctor/definition';
import {
  anything,
  bytesOf,
  escapedBytes,
  NULL,
  objectOf,
  plainShape,
  type Shape,
  textOf,
  textShape,
  WIDEST_CHARACTER,
  WIDEST_PRINTED,
} from '../shape/shape.ts';

/** What is known of the results of tasks, by the names of their states. */
export interface KnownResults {
  /** Of what a function, a child or whoever has the token answers. */
  readonly declared: ReadonlyMap<string, Shape>;
  /** Of whole results, as they were in past executions. */
  readonly measured: ReadonlyMap<string, Shape>;
}

/** The result of a task, before any of its fields looks at it. */
export function resultOf(site: Site, argument: Shape, { declared, measured }: KnownResults): Shape {
  const answer = declared.get(site.name);
  const seen = measured.get(site.name);
  if (answer === undefined && seen !== undefined) return seen;
  const resource = resourceOf(site);
  const [, service = ''] = /:states:::([\w:.-]+)/.exec(resource) ?? [];
  if (waitsForToken(site) || service === '') return answer ?? undeclared(site);
  const rule = SERVICES.find(([name]) => service.startsWith(name))?.[1];
  return rule ? rule(answer ?? undeclared(site), argument) : (answer ?? undeclared(site));
}

function undeclared({ name }: Site): Shape {
  const mend = `put the schema of what it answers into ${name}.json, or give past executions with --history`;
  return anything([{ of: `result of ${name}`, at: '', keyword: 'schema', mend }]);
}

type Rule = (answer: Shape, argument: Shape) => Shape;

/** Headers and ids that the service adds to what it answers. */
const METADATA_BYTES = 2_500;
const unnamed = { chars: METADATA_BYTES, inner: METADATA_BYTES, widest: WIDEST_PRINTED, loose: null };
const metadata = objectOf(new Map(), {
  others: { most: METADATA_BYTES, name: unnamed, value: textShape(unnamed), loose: null },
  cap: METADATA_BYTES,
});

const around = (members: readonly (readonly [string, Shape])[]): Shape =>
  objectOf(new Map([...members, ['SdkHttpMetadata', metadata], ['SdkResponseMetadata', metadata]]));

const small: Rule = () => around([['answer', metadata]]);

/** The input and output of a child stand in what is told of it, as JSON or as text. */
const child =
  (isText: boolean): Rule =>
  (answer, argument) => {
    const asText = (shape: Shape) =>
      textShape({
        chars: bytesOf(shape),
        inner: escapedBytes(shape),
        widest: WIDEST_PRINTED,
        loose: shape.any?.loose[0] ?? null,
      });
    const input = argument.object?.members.get('Input') ?? argument;
    const told = [input, answer].map((shape) => (isText ? asText(shape) : shape));
    return around([
      ['Input', told[0] ?? NULL],
      ['Output', told[1] ?? NULL],
      ['about', metadata],
    ]);
  };

/** By the beginning of a resource's service and action; the longer beginning stands first. */
const SERVICES: readonly (readonly [string, Rule])[] = [
  [
    'lambda:invoke',
    (answer) =>
      around([
        ['ExecutedVersion', textOf(128, 1)],
        ['Payload', answer],
        ['StatusCode', plainShape(3)],
      ]),
  ],
  ['states:startExecution.sync:2', child(false)],
  ['states:startExecution.sync', child(true)],
  ['states:startExecution', small],
  ['events:putEvents', small],
  ['sns:publish', small],
  ['sqs:sendMessage', small],
  ['dynamodb:putItem', small],
];

const ERROR_CHARACTERS = 256;
const CAUSE_CHARACTERS = 32_768;

/** What a catcher finds. The cause of a function is a JSON text, in which control characters are written out. */
export function errorShape(isLambda: boolean): Shape {
  const widest = isLambda ? WIDEST_PRINTED : WIDEST_CHARACTER;
  return objectOf(
    new Map([
      ['Error', textOf(ERROR_CHARACTERS, WIDEST_PRINTED)],
      ['Cause', textOf(CAUSE_CHARACTERS, widest)],
    ]),
  );
}
