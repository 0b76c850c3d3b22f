/** A post code as the country writes it. @throws Error for one that it does not have */
export function postCode(code: string, country: 'DE' | 'NL'): string {
  const plain = code.replaceAll(/\s/g, '').toUpperCase();
  if (country === 'DE' && /^\d{5}$/.test(plain)) return plain;
  if (country === 'NL' && /^\d{4}[A-Z]{2}$/.test(plain)) return `${plain.slice(0, 4)} ${plain.slice(4)}`;
  throw new Error(`${JSON.stringify(code)} is no post code of ${country}`);
}
