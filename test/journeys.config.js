import config, { JOURNEYS } from '../jest.config.js';

/** `npm run test:journeys`: the suites that `npm test` leaves out, because they take long. */
export default {
  ...config,
  rootDir: '..',
  testMatch: JOURNEYS.map((path) => `<rootDir>/${path}`),
  testPathIgnorePatterns: ['/node_modules/'],
};
