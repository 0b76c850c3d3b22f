export { after, anApproval, aQuestion, aRun } from './an-approval.ts';
export { openTestTable, type TestTable } from './runs-table.ts';
