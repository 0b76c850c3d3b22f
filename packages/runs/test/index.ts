export { after, anApproval, aQuestion, aRun } from './an-approval.ts';
export { createRunsTable, openTestTable, type TestTable } from './runs-table.ts';
