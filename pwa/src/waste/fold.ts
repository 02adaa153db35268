/** Letters without accents, case or joining signs: how what is typed meets what is written. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[’'-]/g, ' ')
    .toLowerCase()
    .trim();
}
