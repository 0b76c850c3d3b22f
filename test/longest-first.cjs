const Sequencer = require('@jest/test-sequencer').default;

/** What spans the whole app, or starts processes, takes longest. */
const WIDE = /[\\/](?:test|services[\\/][^\\/]+[\\/]test|packages[\\/]cli[\\/]test)[\\/][^\\/]+$/;

/**
 * Jest begins with the suites that took longest last time. Where there was no last time it goes by size of
 * the file, and the longest suites, which are small files, would be left for the end, one to a core.
 */
module.exports = class LongestFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return [...sorted.filter(isWide), ...sorted.filter((test) => !isWide(test))];
  }
};

function isWide({ path }) {
  return WIDE.test(path);
}
