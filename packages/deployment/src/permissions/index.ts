export { comparePermissions } from './compare.ts';
export { rightsOfFunctions } from './policies.ts';
export { readRecordedCalls } from './recorded-calls.ts';
