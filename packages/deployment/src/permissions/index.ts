export { comparePermissions, isUsed } from './compare.ts';
export { type RoleStatement, roleNames, statementsOfRoles } from './statements.ts';
export { readWitnesses, rightsOf, type Witnesses } from './witnesses.ts';
