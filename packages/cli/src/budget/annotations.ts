import { boundText, placeText } from '../render/budget-text.ts';
import type { Budgeted, BudgetOptions } from './budgeted.ts';

/** Every line that does not hold, as GitHub shows it beside the code: an error, or a warning where it may pass. */
export function annotationsOf(
  { budget, file, lineOf }: Budgeted,
  { allowUnbounded = false }: BudgetOptions,
): string {
  const lines = budget.lines.filter(({ verdict }) => verdict !== 'holds');
  return lines
    .map((line) => {
      const isError = line.verdict === 'over' || (line.verdict === 'unbounded' && !allowUnbounded);
      const place = line.loose[0]?.of.split(' ').at(-1) ?? line.at ?? '';
      const title = `${line.measure}: ${line.verdict}`;
      const message = `${boundText(line)} ${placeText(line)}${line.mend === null ? '' : `; ${line.mend}`}`;
      return `::${isError ? 'error' : 'warning'} file=${property(file)},line=${lineOf(place)},title=${property(title)}::${escaped(message)}\n`;
    })
    .join('');
}

/** As the workflow commands of GitHub Actions want their texts. */
const escaped = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
