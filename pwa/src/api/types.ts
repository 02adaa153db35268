/** The names the app uses for the shapes of the API. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Catalogue = Schemas['CatalogueOut'];
export type Container = Schemas['ContainerOut'];
export type Department = Schemas['DepartmentOut'];
export type Exception = Schemas['ExceptionOut'];
export type LocalRule = Schemas['LocalRulingOut'];
export type Product = Schemas['ProductOut'];
export type Rule = Schemas['DepartmentRulingOut'];
export type TaskAnswer = Schemas['AnswerOut'];

/** What one level says about one material under one condition. */
export type Statement = Omit<Exception, 'key'>;

/** A line of the model index, with the card it carries; a newer server may know more tasks. */
export type ModelEntry<Card> = Omit<Schemas['ModelOut'], 'card' | 'task'> & {
  readonly task: string;
  readonly card: Card;
};

export type Purpose = 'store' | 'train';

/** One word on one purpose; the last one counts. */
export interface ConsentWord {
  readonly granted: boolean;
  readonly text_version: string;
  readonly at: string;
}

export interface Person {
  readonly pseudonym: string;
  readonly email: string | null;
  readonly locale: string;
  readonly department: string | null;
  readonly consents: Readonly<Record<Purpose, ConsentWord | null>>;
}

export interface ServerPrediction {
  readonly origin: 'device' | 'server';
  readonly engine: string;
  readonly version: string;
  readonly label: string | null;
  readonly score: number;
  readonly top: readonly { readonly label: string; readonly score: number }[];
  readonly latency_ms: number | null;
  readonly created_at: string;
}

export interface ServerCorrection {
  readonly label: string;
  readonly status: 'pending' | 'accepted' | 'rejected';
  readonly truth: string | null;
  readonly created_at: string;
  readonly reviewed_at: string | null;
}

export type CaptureState = 'received' | 'corrected' | 'agreed' | 'learned' | 'rejected';

export interface Capture {
  readonly id: string;
  readonly task: string;
  readonly captured_at: string;
  readonly department: string | null;
  readonly territory: string | null;
  readonly state: CaptureState;
  readonly snapshot: number | null;
  readonly predictions: readonly ServerPrediction[];
  readonly correction: ServerCorrection | null;
}

export interface CapturePage {
  readonly next: string | null;
  readonly results: readonly Capture[];
}
