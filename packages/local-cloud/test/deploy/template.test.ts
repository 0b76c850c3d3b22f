// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates under test are full of them
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { evaluate } from '../../src/deploy/cloud-formation.ts';
import { readTemplate } from '../../src/deploy/template.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'template-'));
  writeFileSync(
    join(directory, 'values.cjs'),
    'module.exports = { plain: { a: 1 }, asked: async ({ resolveVariable }) => [await resolveVariable("self:custom.name")] };',
  );
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(yaml: string) {
  const file = join(directory, 'serverless.yml');
  writeFileSync(file, yaml);
  return readTemplate(file, {
    stage: 'test',
    region: 'us-east-1',
    parameter: (name) => (name === 'given' ? 'from outside' : undefined),
  });
}

describe('a template', () => {
  test.each([
    ['a parameter', '${param:given}', 'from outside'],
    ['a default with a comma', "${param:none, 'a, b'}", 'a, b'],
    ['a default that is a variable', '${param:none, self:custom.name}', 'me'],
    ['the stage', 'x-${sls:stage}-y', 'x-test-y'],
    ['another place', '${self:custom.name}', 'me'],
    ['a whole mapping', '${self:custom.map}', { deep: 'me' }],
    ['a variable in a variable', '${self:custom.${self:custom.pointer}}', 'me'],
    ['a file', '${file(./values.cjs)}', { plain: { a: 1 } }],
    ['a member of a file', '${file(./values.cjs):plain}', { a: 1 }],
    ['a function of a file', '${file(./values.cjs):asked}', ['me']],
    ['CloudFormation’s own', 'arn:${AWS::Region}', 'arn:${AWS::Region}'],
  ])('resolves %s', async (_, text, expected) => {
    const template = await read(
      `custom: { name: me, pointer: name, map: { deep: '\${self:custom.name}' } }\nvalue: "${text}"`,
    );
    expect(template['value']).toEqual(expected);
  });

  test.each([
    ['${env:HOME}', /serverless\.yml: \$\{env:HOME\} is a form the local cloud does not know/],
    ['${param:none}', /has no value and no default/],
    ['${self:value}', /refers to itself/],
    ['a ${self:custom} b', /is not a text/],
    ['${file(./values.cjs):absent}', /exports no absent/],
  ])('refuses %s', async (text, message) => {
    await expect(read(`custom: { name: me }\nvalue: "${text}"`)).rejects.toThrow(message);
  });

  test('understands the short forms of CloudFormation’s functions', async () => {
    const template = await read(
      "a: !Ref Table\nb: !GetAtt Table.Arn\nc: !Sub '${Table}/${AWS::Region}'\nd: !Join ['-', [x, !Ref Table]]\ne: { 'Fn::Sub': ['${x}${Table.Arn}', { x: 1 }] }",
    );
    const names = new Map([['Table', { ref: 'table', attributes: { Arn: 'arn:table' } }]]);
    expect(evaluate(template, { file: 'f', account: '1', region: 'r', names })).toEqual({
      a: 'table',
      b: 'arn:table',
      c: 'table/r',
      d: 'x-table',
      e: '1arn:table',
    });
    expect(() => evaluate({ Ref: 'Other' }, { file: 'f', account: '1', region: 'r', names })).toThrow(
      'f: nothing in this template is called Other',
    );
    expect(() => evaluate({ 'Fn::Cidr': [] }, { file: 'f', account: '1', region: 'r', names })).toThrow(
      'f: Fn::Cidr is a function the local cloud does not know',
    );
  });
});
