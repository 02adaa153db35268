/** The sounds of this visit and their answers, one after the other: what tasks/scans.ts is to photos. */
import { resampledLength } from '../capture/resample';
import { mayBeSound, type Sound } from '../capture/sound';
import { encodeWav } from '../capture/wav';
import { bridge } from '../infer/bridge';
import { account, mayKeep } from '../store/account';
import { newId } from '../store/id';
import { correct, keep, rowById, undo } from '../store/outbox';
import { undoLeft, type Row, type Wish } from '../store/rows';
import { keepWhenAllowed, spokenAbout } from './consents';
import { askEngines, LARGER, listen, listenThere, middle } from './listen';
import { modelOf } from './models';
import { failureOf, patch, soundOf, takeOf, takes, type Take } from './take';
import { saidOf, type Opinion, type SoundAnswer, type SoundTask } from './task';

export { failureOf, runningTakes, soundOf, takes, type Take, type TakeFailure, type TakeProgress } from './take';

/** Enough to judge a genre or a voice, too little to be the song: what may be kept, as WAV. */
const KEPT_S = 30;
const KEPT_RATE = 16_000;

let queue = Promise.resolve();
const aborts = new Map<string, AbortController>();

export function addRecording(task: SoundTask, sound: Sound): string {
  const take = newTake(task, null, sound);
  takes.value = [take, ...takes.value];
  enqueue(take.id);
  return take.id;
}

export function addFiles(task: SoundTask, files: readonly File[]): void {
  const added = files.map((file) => newTake(task, file, null));
  takes.value = [...added, ...takes.value];
  for (const { id, file } of added) {
    if (file !== null && mayBeSound(file)) enqueue(id);
    else patch(id, { progress: { kind: 'failed', failure: 'not-sound' } });
  }
}

export function retry({ id }: Take): void {
  enqueue(id);
}

/** The person agreed that the server hears it, because this browser cannot read the file or run the model. */
export function sendWhole({ id, file, sound, task }: Take): void {
  const whole = sound ?? file;
  if (whole === null) return;
  follow(id, (abort) => {
    patch(id, { progress: { kind: 'listening', done: 0, total: 0 } });
    return listenThere(task, whole, abort);
  });
}

/** The person wants the server's engines too. What they say joins the answer's `engines`. */
export async function askOthers({ id }: Take): Promise<void> {
  const take = takeOf(id);
  if (take?.progress.kind !== 'answered' || take.others === 'asking') return;
  patch(id, { others: 'asking' });
  try {
    const opinions = await askEngines(take.task, await soundOf(take), abortOf(id).signal);
    addOpinions(id, opinions);
    // An engine that was still opening can be asked again.
    const busy = opinions.some((opinion) => opinion.kind === 'failed' && opinion.problem === 'busy');
    patch(id, { others: busy ? 'busy' : 'asked' });
  } catch (error) {
    patch(id, { others: failureOf(error) });
  }
}

/** An engine's word joins the others'; the one that is shown stays what it was. */
function addOpinions(id: string, opinions: readonly Opinion[]): void {
  const progress = takeOf(id)?.progress;
  if (progress?.kind !== 'answered') return;
  const { answer } = progress;
  const known = new Set(answer.engines.filter(({ kind }) => kind === 'said').map(({ engine }) => engine));
  const fresh = opinions.filter(({ engine }) => !known.has(engine));
  const others = answer.engines.filter(({ engine }) => !fresh.some((opinion) => opinion.engine === engine));
  patch(id, { progress: { kind: 'answered', answer: { ...answer, engines: [...others, ...fresh] } } });
}

/** The person's word on a take: on its row where it is kept, else here only. */
export function wishOf({ id, chosen }: Take): Wish | null {
  const row = rowById.value.get(id);
  return row === undefined ? chosen : row.correction;
}

export function choose(take: Take, label: string): void {
  const before = wishOf(take)?.label ?? null;
  patch(take.id, { chosen: { label, before, at: Date.now() } });
  spokenAbout.value = take.id;
  void correct(take.id, label);
}

export function takeBack(take: Take): void {
  const wish = wishOf(take);
  if (wish === null || undoLeft(wish, Date.now()) === 0) return;
  const { before } = wish;
  patch(take.id, { chosen: before === null ? null : { label: before, before: null, at: 0 } });
  spokenAbout.value = null;
  void undo(take.id);
}

/** The person corrected this recording of a voice, and agrees that it is sent. It needs consent too. */
export async function agreeToSend({ id }: Take): Promise<void> {
  patch(id, { agreed: true });
  if (mayKeep.value) await keepTake(id);
}

/** A voice is kept only where its person corrected it and agreed to send this very recording. */
function isWanted({ task, chosen, agreed }: Take): boolean {
  return task !== 'emotion' || (agreed && chosen?.label != null);
}

export async function keepTake(id: string): Promise<void> {
  const take = takeOf(id);
  if (take?.progress.kind !== 'answered' || !isWanted(take) || rowById.value.has(id)) return;
  const copy = await copyOf(await soundOf(take));
  const now = takeOf(id); // what was said while the copy was made
  if (now === undefined || !isWanted(now)) return;
  const kept = await keep(rowOf(now, take.progress.answer), copy);
  patch(id, { unkept: !kept });
}

keepWhenAllowed(async () => {
  for (const { id } of takes.value) await keepTake(id);
});

async function copyOf(sound: Sound): Promise<ArrayBuffer> {
  const { part } = middle(sound, KEPT_S);
  const samples = await bridge.resample(part, KEPT_RATE, 0, resampledLength(part, KEPT_RATE));
  return encodeWav({ samples, rate: KEPT_RATE });
}

function rowOf({ id, at, task, chosen }: Take, answer: SoundAnswer): Row {
  return {
    ...{ id, task, media: 'audio/wav', captured_at: at, department: null, territory: null },
    said: saidOf(answer),
    correction: chosen,
    ...{ deleted: false, upload: 'pending', told: null, refused: null, server: null },
    owner: account.value.pseudonym,
  };
}

export function remove(id: string): void {
  takes.value = takes.value.filter((take) => take.id !== id);
  aborts.get(id)?.abort();
  aborts.delete(id);
}

export function clearTakes(): void {
  for (const { id } of takes.value) remove(id);
}

function newTake(task: SoundTask, file: File | null, sound: Sound | null): Take {
  return {
    ...{ id: newId(), at: new Date().toISOString(), task, file, sound, progress: { kind: 'waiting' } },
    ...{ others: 'unasked', chosen: null, agreed: false, unkept: false },
  };
}

function abortOf(id: string): AbortController {
  const known = aborts.get(id) ?? new AbortController();
  aborts.set(id, known);
  return known;
}

function enqueue(id: string): void {
  follow(id, async (abort) => {
    const take = takeOf(id);
    if (take === undefined) throw abort.reason;
    if (take.sound === null) patch(id, { progress: { kind: 'decoding' } });
    const sound = await soundOf(take);
    patch(id, { progress: { kind: 'listening', done: 0, total: 0 } });
    return listen(take.task, sound, {
      signal: abort,
      onProgress: (done, total) => patch(id, { progress: { kind: 'listening', done, total } }),
    });
  });
}

function follow(id: string, work: (abort: AbortSignal) => Promise<SoundAnswer>): void {
  patch(id, { progress: { kind: 'waiting' } });
  queue = queue.then(async () => {
    if (takeOf(id) === undefined) return; // removed while it waited
    try {
      patch(id, { progress: { kind: 'answered', answer: await work(abortOf(id).signal) } });
    } catch (error) {
      patch(id, { progress: { kind: 'failed', failure: failureOf(error) } });
      return;
    }
    await alsoHere(id);
    if (mayKeep.value) await keepTake(id);
  });
}

/** Larger engines say their word too, where the person has brought them to this device. */
async function alsoHere(id: string): Promise<void> {
  const take = takeOf(id);
  if (take?.sound == null) return;
  for (const engine of LARGER[take.task]) {
    if (modelOf(take.task, engine).entry.value === null) continue;
    try {
      addOpinions(id, (await listen(take.task, take.sound, { engine, signal: abortOf(id).signal })).engines);
    } catch (error) {
      addOpinions(id, [{ kind: 'failed', engine, problem: failureOf(error) }]);
    }
  }
}
