export { comparePermissions, isUsed } from './compare.ts';
export {
  appInWords,
  EVERY_FUNCTION,
  MACHINES,
  type RoleStatement,
  roleNames,
  SHADOW_MACHINE,
  statementsOfRoles,
} from './statements.ts';
export { readWitnesses, rightsOf, type Use, usesIn, type Witnesses } from './witnesses.ts';
