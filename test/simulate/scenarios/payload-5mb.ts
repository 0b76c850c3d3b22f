import { deepEqual, equal } from 'node:assert/strict';
import { chain, outputs, type Scenario, transform } from '../scenario.ts';

const PAGES = 20;
const ROWS = 2_500;

export const scenario: Scenario = {
  about: 'a run that carries 5 MB ends like any other, and reads what it needs of it',
  async play(world) {
    const pages = transform(
      'pages',
      `[[0..${PAGES - 1}].{ 'page': $, 'rows': $map([0..${ROWS - 1}], function($row) { 'row ' & $row & ' with a little text as rows have, to take up space: ' & $row * 7 }) }]`,
    );
    const names = Array.from({ length: PAGES }, (_, page) => transform(`page_${page}`, `pages[${page}]`));
    const run = await world.played(
      chain(
        'large',
        [pages, ...names, transform('found', `[page_3.rows[7], page_${PAGES - 1}.page]`), outputs('found')],
        { options: {} },
      ),
    );
    equal(run.status, 'SUCCEEDED');
    deepEqual(run.output, {
      found: ['row 7 with a little text as rows have, to take up space: 49', PAGES - 1],
    });
  },
};
