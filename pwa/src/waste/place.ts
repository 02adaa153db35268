/** The departments, the chosen one and its rules, kept fresh by the service worker's data cache. */
import { computed, signal } from '@preact/signals';
import * as api from '../api/client';
import type { Department, Rule } from '../api/types';
import { change, settings } from '../store/settings';

/**
 * Ain has no documented local rule: what is said there is what the nation says. It stands for
 * France until a department is chosen.
 */
const NATIONAL = '01';

export const departments = signal<readonly Department[]>([]);
export const rules = signal<readonly Rule[]>([]);
/** True when the last request for rules got no answer and none were kept. */
export const rulesMissing = signal(false);

export const department = computed(() =>
  departments.value.find(({ code }) => code === settings.value.department),
);

export const territory = computed(() =>
  department.value?.territories.find(({ code }) => code === settings.value.territory),
);

export function choosePlace(code: string | null, territoryCode: string | null = null): void {
  change({ department: code, territory: territoryCode, askedDepartment: true });
}

export async function refreshDepartments(): Promise<void> {
  departments.value = await api.departments();
}

export async function refreshRules(): Promise<void> {
  const code = settings.value.department ?? NATIONAL;
  try {
    const fresh = await api.rules(code);
    if (code !== (settings.value.department ?? NATIONAL)) return; // another was chosen meanwhile
    rules.value = fresh;
    rulesMissing.value = false;
  } catch (error) {
    if (!(error instanceof api.OfflineError || error instanceof api.ProblemError)) throw error;
    rulesMissing.value = rules.value.length === 0;
  }
}

/** Load the rules now and again whenever another department is chosen. */
export function followDepartment(): void {
  const chosen = computed(() => settings.value.department);
  chosen.subscribe(() => {
    rules.value = [];
    void refreshRules();
  });
}
