/**
 * One kept scan: what the person wants of it, and what the server knows of that wish.
 *
 * A row holds no list of things to do. What is left to do is the difference between the two halves,
 * so that a crash at any moment, or doing something twice, changes nothing in the end.
 */
import type { Capture, CaptureState } from '../api/types';

/** How long a correction stays on the phone, to be taken back. */
export const UNDO_MS = 30_000;

/** What a model said; null is "unsure". */
export interface Said {
  readonly origin: 'device' | 'server';
  readonly version: string;
  /** Of the model on this phone; the server's own is not told. */
  readonly sha256: string | null;
  readonly label: string | null;
  readonly score: number;
  readonly top: readonly { readonly label: string; readonly score: number }[];
  readonly latency_ms: number | null;
}

/** What the person says it is, and what they said before: an undo goes back there. */
export interface Wish {
  readonly label: string | null;
  readonly before: string | null;
  /** By this phone's clock, in ms. */
  readonly at: number;
}

export type Step = 'upload' | 'correct' | 'withdraw' | 'erase';

export interface Row {
  readonly id: string;
  readonly task: string;
  /** What its bytes on this phone are; older rows are photos and do not say. */
  readonly media?: string;
  readonly captured_at: string;
  readonly department: string | null;
  readonly territory: string | null;
  readonly said: Said | null;

  readonly correction: Wish | null;
  readonly deleted: boolean;

  /** "tried" may have arrived: only the server can tell, and repeating is harmless. */
  readonly upload: 'pending' | 'tried' | 'sent';
  /** The correction the server has. */
  readonly told: string | null;
  /** A step the server refused for good; a new wish clears it. */
  readonly refused: { readonly step: Step; readonly slug: string } | null;
  /** Whose it is on the server. */
  readonly owner: string | null;
  readonly server: {
    readonly state: CaptureState;
    readonly snapshot: number | null;
    /** The label that was accepted: a reviewer's may differ. */
    readonly truth: string | null;
  } | null;
}

export const mediaOf = ({ media }: Row): string => media ?? 'image/jpeg';

export const wanted = (row: Row): string | null => row.correction?.label ?? null;

/** Milliseconds in which a wish can still be taken back. A clock set back ends it. */
export function undoLeft(wish: Wish | null, now: number): number {
  if (wish === null || now < wish.at) return 0;
  return Math.max(0, wish.at + UNDO_MS - now);
}

/** The next thing to tell the server, or null. `held` lets a correction wait to be taken back. */
export function nextStep(row: Row, mayKeep: boolean, now: number | 'any'): Step | null {
  if (row.refused !== null) return null;
  if (row.deleted) return 'erase';
  if (!mayKeep) return null;
  if (row.upload !== 'sent') return 'upload';
  if (wanted(row) === row.told) return null;
  if (now !== 'any' && undoLeft(row.correction, now) > 0) return null;
  return wanted(row) === null ? 'withdraw' : 'correct';
}

/** True for what this phone still has to tell. */
export const waits = (row: Row, mayKeep: boolean): boolean => nextStep(row, mayKeep, 'any') !== null;

/** The label of a row as its person sees it: the truth, else their word, else the model's. */
export const labelOf = (row: Row): string | null =>
  row.server?.truth ?? wanted(row) ?? row.said?.label ?? null;

export function withWish(row: Row, label: string | null, now: number): Row {
  return { ...row, correction: { label, before: wanted(row), at: now }, refused: null };
}

/** Take the last wish back, while it may be. Already told, the server is told again. */
export function withoutWish(row: Row, now: number): Row {
  if (undoLeft(row.correction, now) === 0) return row;
  const before = row.correction?.before ?? null;
  return { ...row, correction: before === null ? null : { label: before, before: null, at: 0 } };
}

/** What never left is dropped; what may have left is erased there first. */
export function erased(row: Row): Row | null {
  return row.upload === 'pending' ? null : { ...row, deleted: true, refused: null };
}

/** A refused row tries again; under a new id where the old one belongs to another photo. */
export function retried(row: Row, freshId: () => string): Row {
  const id = row.refused?.slug === 'id-taken' ? freshId() : row.id;
  const upload = row.upload === 'sent' ? 'sent' : 'pending';
  return { ...row, id, upload: id === row.id ? row.upload : upload, refused: null };
}

/** What the server has of a capture, joined to what this phone has. */
export function merged(row: Row | undefined, capture: Capture, owner: string): Row {
  const label = capture.correction?.label ?? null;
  const { state, snapshot } = capture;
  const server = { state, snapshot, truth: capture.correction?.truth ?? null };
  const known = row ?? fromServer(capture);
  // A wish of this phone that was not told yet stands; else another phone's word is taken over.
  const unchanged = wanted(known) === known.told;
  const correction = unchanged ? heard(known.correction, label) : known.correction;
  const refused = known.refused?.step === 'upload' ? null : known.refused;
  return { ...known, correction, told: label, upload: 'sent', owner, server, refused };
}

function heard(correction: Wish | null, label: string | null): Wish | null {
  if ((correction?.label ?? null) === label) return correction;
  return label === null ? null : { label, before: null, at: 0 };
}

function fromServer(capture: Capture): Row {
  const { id, task, media_type: media, department, territory, predictions } = capture;
  const captured_at = new Date(capture.captured_at).toISOString(); // rows are sorted as text
  const told = capture.correction?.label ?? null;
  const first = predictions.find(({ origin }) => origin === 'device') ?? predictions[0];
  const said: Said | null = first === undefined ? null : { ...pick(first), sha256: null };
  return {
    ...{ id, task, media, captured_at, department, territory, said, told },
    correction: told === null ? null : { label: told, before: null, at: 0 },
    deleted: false,
    upload: 'sent',
    refused: null,
    owner: null,
    server: null,
  };
}

function pick(prediction: Capture['predictions'][number]): Omit<Said, 'sha256'> {
  const { origin, version, label, score, top, latency_ms } = prediction;
  return { origin, version, label, score, top, latency_ms };
}

/** What became of a scan, in one word. */
export type Fate = 'refused' | 'here' | 'waiting' | 'undecided' | 'former' | CaptureState;

export function fateOf(row: Row, mayKeep: boolean, person: string | null): Fate {
  if (row.refused !== null) return 'refused';
  if (row.upload !== 'sent') return mayKeep ? 'waiting' : 'here';
  if (row.owner !== person) return 'former';
  if (wanted(row) !== row.told) return 'undecided';
  return row.server?.state ?? 'received';
}
