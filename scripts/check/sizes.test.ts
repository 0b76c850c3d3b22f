import { describe, expect, test } from '@jest/globals';
import { sizesOf } from './sizes.ts';

const PATH = 'packages/a/src/b.ts';
const lines = (count: number, line = 'work();'): string => `${line}\n`.repeat(count);
/** Sources that nothing is to be said of, so that one more file makes no share. */
const GOOD = Array.from({ length: 20 }, (_, index) => ({
  path: `packages/good/src/f${index}.ts`,
  text: lines(100),
}));
const problems = (text: string, path = PATH) => sizesOf([...GOOD, { path, text }]).problems;

describe('a function is as long as from its first line to its last', () => {
  test.each([
    ['a declaration', `function f() {\n${lines(79)}}\n`, '1 f'],
    ['an arrow function', `const f = () => {\n${lines(79)}};\n`, '1 f'],
    ['a method', `const o = {\n  m() {\n${lines(79)}  },\n};\n`, '2 m'],
    ['a method of a class', `class C {\n  m() {\n${lines(79)}  }\n}\n`, '2 m'],
    ['a private method', `class C {\n  #m() {\n${lines(79)}  }\n}\n`, '2 m'],
    ['a constructor', `class C {\n  constructor() {\n${lines(79)}  }\n}\n`, '2 constructor'],
    ['a callback', `run(() => {\n${lines(79)}});\n`, '1 a function without a name'],
    ['one whose layout is unusual', `const f = function\n() {\n${lines(78)}}\n`, '1 f'],
    [
      'one that is made of others',
      `function f() {\n${'  const g = () => {\n    work();\n  };\n'.repeat(26)}  return g;\n}\n`,
      '1 f',
    ],
  ])('%s', (_, text, name) => {
    const [problem, ...others] = problems(text);
    expect(problem).toMatch(new RegExp(`^${PATH}:${name}: 8[01] lines; at most 80$`));
    expect(others).toEqual([]);
  });

  test('80 lines are allowed', () => expect(problems(`function f() {\n${lines(78)}}\n`)).toEqual([]));

  test('in CommonJS too', () =>
    expect(problems(`module.exports = function f() {\n${lines(79)}};\n`, 'build.cjs')).toEqual([
      'build.cjs:1 f: 81 lines; at most 80',
    ]));

  test('texts with braces and umlauts change nothing', () =>
    expect(problems(`const text = '}}äöü';\n\nfunction f() {\n${lines(79)}}\n`)).toEqual([
      `${PATH}:3 f: 81 lines; at most 80`,
    ]));
});

test('a file has at most 300 lines, a test 500', () => {
  expect(problems(lines(300))).toEqual([]);
  expect(problems(lines(301))).toEqual([`${PATH}: 301 lines; at most 300`]);
  expect(problems(lines(500), 'packages/a/src/b.test.ts')).toEqual([]);
  expect(problems(lines(501), 'test/b.ts')).toEqual(['test/b.ts: 501 lines; at most 500']);
});

test('at most a quarter of the files is short', () => {
  const short = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ path: `packages/s/src/${index}.ts`, text: lines(30) }));
  expect(sizesOf([...GOOD, ...short(6)]).problems).toEqual([]);
  expect(sizesOf([...GOOD, ...short(7)]).problems).toEqual([
    '7 of 27 files have 30 lines or fewer; more than a quarter is confetti',
  ]);
});

test('at most 0.7 % of the lines are wider than 110 columns', () => {
  const wide = (count: number) => `${lines(count, `// ${'ä'.repeat(108)}`)}${lines(200 - count)}`;
  expect(problems(wide(15))).toEqual([]);
  expect(problems(wide(16))).toEqual(['16 of 2200 lines are wider than 110 columns; at most 0.7 %']);
});

test('says what share imports have', () => {
  const text = `import {\n  a,\n} from './a.ts';\nexport { b } from './b.ts';\n${lines(96)}`;
  expect(sizesOf([{ path: PATH, text }]).report).toContain('4.0 % are imports');
});
