export { changeRollout, type RolloutAccess, type WantedChange } from './change-rollout.ts';
export { chooseGeneration, placeOf, type Starting } from './choose-generation.ts';
export { ALLOWED_DIFFERENCES, type Compared, type Comparison, compareRuns, divergenceText, type SeenRun, type WritersOf } from './compare-runs.ts';
export { type Judgement, judge, LIMITS, type RolloutLimits, type Sides } from './judge.ts';
export { type ReadSettings, rememberedSettings } from './remembered-settings.ts';
export { readSettings, rolloutParameter, writeSettings } from './rollout-parameter.ts';
export { figuresOf, type SideFigures } from './side-figures.ts';
export { nextStep, STEPS } from './steps.ts';
