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
export type ModelEntry<Card> = Omit<Schemas['ModelOut'], 'card' | 'task' | 'engine'> & {
  readonly task: string;
  readonly engine: string;
  readonly card: Card;
};

export type Person = Schemas['PersonOut'];
export type ConsentWord = Schemas['ConsentOut'];
export type Purpose = ConsentWord['purpose'];

export type Capture = Schemas['CaptureOut'];
export type CapturePage = Schemas['CapturePageOut'];
export type CaptureState = Capture['state'];
export type ServerCorrection = Schemas['CorrectionOut'];
