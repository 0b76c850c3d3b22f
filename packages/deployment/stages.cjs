// What a deployment chooses, stage by stage: the one place to edit. Every parameter, its default and who uses
// it: docs/parameters.md.
// A variable STATEBAG_<NAME> in the environment (STATEBAG_STATE_BUCKET, STATEBAG_JWT_ISSUER, …) goes before
// what stands here: that is how CI sets them.

const CHOICES = require('./choices.cjs');

/** For every stage. */
const everywhere = {};

/** For one stage. `prod` refuses mock mode. */
const stages = {
  dev: {},
  staging: { mockMode: 'true', canaryMinutes: '1' },
  prod: {},
};

/** `stateBucket` → STATEBAG_STATE_BUCKET */
const variableOf = (choice) =>
  `STATEBAG_${choice.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
const fromEnvironment = Object.fromEntries(
  Object.keys(CHOICES).flatMap((choice) => {
    const value = process.env[variableOf(choice)];
    return value === undefined || value === '' ? [] : [[choice, value]];
  }),
);

module.exports = Object.fromEntries(
  Object.entries({ default: {}, ...stages }).map(([stage, chosen]) => [
    stage,
    { ...everywhere, ...chosen, ...fromEnvironment },
  ]),
);
