/** The shapes the app reads, by the names it uses. */

export interface Container {
  readonly code: string;
  readonly name_fr: string;
  readonly name_en: string;
  readonly colour: string;
  readonly icon: string;
  readonly kind: string;
}

/** What one level says about one category under one condition. */
export interface Statement {
  readonly condition_fr: string;
  readonly condition_en: string;
  readonly container: Container;
  readonly other_containers: readonly string[];
  readonly advice_fr: string;
  readonly advice_en: string;
  readonly scope: Scope;
  readonly source: string;
  readonly source_url: string;
  readonly source_date: string;
  readonly confidence: string;
}

export type Scope = 'national' | 'departmental' | 'local';

export interface Exception extends Statement {
  readonly key: string;
}

export interface LocalRule extends Statement {
  readonly territory: string;
  readonly unless: readonly Exception[];
}

export interface Rule extends Statement {
  readonly category: string;
  readonly category_name_fr: string;
  readonly category_name_en: string;
  readonly hint_fr: string;
  readonly hint_en: string;
  readonly unless: readonly Exception[];
  readonly local: readonly LocalRule[];
}

export interface Territory {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
}

export interface Department {
  readonly code: string;
  readonly name: string;
  readonly region: { readonly code: string; readonly name: string };
  readonly territories: readonly Territory[];
}

export interface Product {
  readonly code: string;
  readonly name_fr: string;
  readonly category: string;
  readonly containers: readonly Omit<Container, 'kind'>[];
  readonly score: number;
}

export interface ModelEntry<Card> {
  readonly task: string;
  readonly engine: string;
  readonly version: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly url: string;
  readonly card: Card;
}

export interface EngineAnswer {
  readonly engine: string;
  readonly version: string;
  readonly label: string | null;
  readonly score: number;
  readonly unsure: boolean;
  readonly top: readonly { readonly label: string; readonly score: number }[];
}

export interface TaskAnswer {
  readonly task: string;
  readonly answers: readonly EngineAnswer[];
}
