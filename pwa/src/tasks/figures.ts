/** The history in figures: how many scans, by material and by month. */
import { labelOf, type Row } from '../store/rows';

export interface Count {
  readonly key: string;
  readonly n: number;
}

/** Counts of photos whose material is known, the most frequent first. */
export function byMaterial(rows: readonly Row[]): readonly Count[] {
  return counted(rows.flatMap((row) => (row.task === 'waste' ? (labelOf(row) ?? []) : []))).sort((a, b) => b.n - a.n);
}

/** Counts by month of the phone's calendar, "2026-11", the latest first. */
export function byMonth(rows: readonly Row[]): readonly Count[] {
  return counted(rows.map(({ captured_at }) => monthOf(new Date(captured_at)))).sort((a, b) =>
    a.key < b.key ? 1 : -1,
  );
}

function monthOf(date: Date): string {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
}

function counted(keys: readonly string[]): Count[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Array.from(counts, ([key, n]) => ({ key, n }));
}
