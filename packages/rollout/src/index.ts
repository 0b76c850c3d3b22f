export { changeRollout, type RolloutAccess, type WantedChange } from './change-rollout.ts';
export { chooseGeneration, placeOf, type Starting } from './choose-generation.ts';
export {
  ALLOWED_DIFFERENCES,
  type Compared,
  type Comparison,
  compareRuns,
  divergenceText,
  type SeenRun,
  type WritersOf,
} from './compare-runs.ts';
export {
  type Judgement,
  judge,
  LIMITS,
  nextStep,
  type RolloutLimits,
  type Sides,
  STEPS,
} from './judge.ts';
export {
  type ParameterRequests,
  type ReadSettings,
  readSettings,
  rememberedSettings,
  rolloutParameter,
  settingsOver,
  writeSettings,
} from './rollout-parameter.ts';
export { figuresOf, type SideFigures } from './side-figures.ts';
