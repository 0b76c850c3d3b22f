export { comparePermissions, isUsed } from './compare.ts';
export {
  EVERY_FUNCTION,
  MACHINES,
  type RoleStatement,
  readStack,
  roleNames,
  SHADOW_MACHINE,
  statementsOfRoles,
} from './statements.ts';
export { readWitnesses, rightsOf, type Witnesses } from './witnesses.ts';
