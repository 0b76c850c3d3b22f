import fc from 'fast-check';
import { MEMBERS } from './schemas.ts';

const member = fc.constantFrom(...MEMBERS);

/** Expressions over operands of any shape. */
export const expressionOver = (of: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(of, of, member, fc.nat(80))
    .chain(([f, g, m, n]) =>
      fc.constantFrom(
        f,
        `[${f}, ${g}]`,
        `[[${f}], ${g}]`,
        `{ 'k': ${f}, 'n': ${n} }`,
        `$string(${f})`,
        `$string(${f}) & '"' & $string(${g})`,
        `$substring($string(${f}), 0, ${n})`,
        `$substring($string($string(${f})), ${n}, 10)`,
        `$count(${f})`,
        `$length($string(${f})) > ${n}`,
        `$exists(${f}.${m}) ? ${f}.${m} : ${g}`,
        `[${f}.${m}]`,
        `[${f}.{ 'z': ${m}, 'w': 1 }]`,
        `[${f}[0], ${g}[-1]]`,
        `[${f}[${m} = 'x']]`,
        `$append(${f}, ${g})`,
        `$merge([{ 'a': ${f} }, { 'b': ${g} }])`,
        `$map([${f}, ${g}], function($v) { { 'v': $v } })`,
        `$map([${f}], function($v, $i) { [$v, $i] })`,
        `$filter([${f}, ${g}], function($v) { $exists($v) })`,
        `$reverse([${f}, ${g}])`,
        `$distinct([${f}, ${g}, ${f}])`,
        `$reduce([${f}, ${g}], function($x, $y) { $string($x) & $string($y) })`,
        `$join($map([${f}, ${g}], function($v) { $string($v) }), '-')`,
        `$split($substring($string(${f}), 0, 30), 'x')`,
        `$uppercase($substring($string(${f}), 0, ${n}))`,
        `$lookup({ 'a': ${f} }, 'a')`,
        `($x := ${f}; $y := [$x, $x]; { 'x': $y })`,
        '$keys($)',
        `[1..${n}]`,
        `$type(${f})`,
        `$now() & $uuid()`,
        `${n} / 7`,
        `[$$.${f}, $.${g}]`,
        `${f} ~> $string()`,
        `$trim($string(${f}))`,
        `[$sort([$string(${f}), $string(${g})])]`,
      ),
    );
