/** The head of an answer to a sound: the label and how sure, or how far the listening is. */
import { percent, t } from '../i18n';
import { wishOf, type Take } from '../tasks/takes';
import type { SoundTask } from '../tasks/task';
import { labelName } from './material';

/** From here on the surer word; under it, and over the card's threshold, the other. */
const HIGH: Readonly<Record<SoundTask, number>> = { genre: 0.92, emotion: 0.8 };

export function HeardHeading({ take }: { readonly take: Take }) {
  const m = t();
  const { progress, task, file } = take;
  const chosen = wishOf(take)?.label ?? null;
  const name = <p class="file-name">{file?.name ?? m.listen.recordingName}</p>;
  if (progress.kind === 'failed') {
    return (
      <div>
        <h2 class="material">{m.listen.failed}</h2>
        {name}
      </div>
    );
  }
  if (progress.kind !== 'answered') return <Pending take={take} />;
  const { answer } = progress;
  if (chosen !== null) {
    return (
      <div>
        <h2 class="material">{labelName(task, chosen)}</h2>
        <p class="confidence" data-level="chosen">
          {answer.kind === 'label' && answer.label === chosen ? m.correct.confirmed : m.answer.chosen}
        </p>
        {name}
      </div>
    );
  }
  return (
    <div>
      <h2 class="material">{answer.kind === 'unsure' ? m.listen.unsure : labelName(task, answer.label)}</h2>
      {answer.kind === 'unsure' ? (
        <p class="confidence">{m.listen.unsureHelp[task]}</p>
      ) : (
        <Confidence task={task} score={answer.score} />
      )}
      {name}
    </div>
  );
}

function Confidence({ task, score }: { readonly task: SoundTask; readonly score: number }) {
  const { answer, listen } = t();
  const { percent: inWords } = answer;
  const confidence = task === 'emotion' ? listen.toneConfidence : answer.confidence;
  const level = score >= HIGH[task] ? 'high' : 'good';
  return (
    <p class="confidence" data-level={level}>
      <span class="gauge" aria-hidden="true" />
      {confidence[level]} <small>{inWords(percent(score))}</small>
    </p>
  );
}

function Pending({ take: { progress, file } }: { readonly take: Take }) {
  const m = t().listen;
  const listening = progress.kind === 'listening';
  const begun = listening && progress.total > 0;
  const words = begun
    ? m.listening(Math.min(progress.done + 1, progress.total), progress.total)
    : listening
      ? m.waitingModel
      : progress.kind === 'decoding'
        ? m.decoding
        : m.waiting;
  return (
    <div role="status">
      <h2 class="material pending">{words}</h2>
      {begun ? (
        <progress max={progress.total} value={progress.done} aria-label={words} />
      ) : (
        <div class="sieve" aria-hidden="true" />
      )}
      <p class="file-name">{file?.name ?? m.recordingName}</p>
    </div>
  );
}
