export { chooseGeneration, placeOf, type Starting } from './choose-generation.ts';
export { type ReadSettings, rememberedSettings } from './remembered-settings.ts';
export { readSettings, rolloutParameter, writeSettings } from './rollout-parameter.ts';
